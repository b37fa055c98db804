import Link from '@mui/material/Link';
import { Link as RouteLink } from 'react-router';
import { api } from '@/api';

/** Leads to an app of the Workplace, if it has pages that the user may open. */
export function AppLink({ component }: { component: string }) {
  const { data } = api.useListPublishedComponentsQuery();
  const app = data?.components?.find((one) => one.id === component);
  if (!app?.homePage) return app?.displayName || component;
  return (
    <Link component={RouteLink} to={`/work/${encodeURIComponent(component)}`} underline="always" color="inherit">
      {app.displayName || component}
    </Link>
  );
}

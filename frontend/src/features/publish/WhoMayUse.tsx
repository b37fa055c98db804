import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type Component } from '@/api';
import { useSession } from '@/api/session';
import { rolesThatOpen } from './access';

/** Tells whoever publishes an app that nobody else can use it yet. */
export function WhoMayUse({ component }: { component: Component }) {
  const { t } = useTranslation('publish');
  const { can } = useSession();
  const { data } = api.useListRolesQuery(undefined, { skip: !can('users.read') });
  const open = (component.model?.fields ?? []).length === 0; // without entries it is open to everybody
  if (open || data === undefined || rolesThatOpen(data.roles ?? [], component.id ?? '').length > 0) return null;
  return (
    <Alert
      severity="info"
      sx={{ mt: 2 }}
      action={
        can('users.write') && (
          <Button component={Link} to="/access/roles" color="inherit">
            {t('access.give')}
          </Button>
        )
      }
    >
      {t('access.nobody', { name: component.displayName || component.id })}
    </Alert>
  );
}

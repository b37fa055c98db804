import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { api } from '@/api';
import { BarTitle } from '@/ui/bar';
import { useTitle } from '@/ui/PageFrame';
import { PageStage } from './PageStage';
import { readState, type Target } from './target';

/** A page of an app, with the pages that it opens over itself. */
export function Component() {
  const { component = '', page = '' } = useParams();
  const [search] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const entry = search.get('entry') ?? undefined;
  const target = useMemo<Target>(() => ({ component, page, entry, ...readState(location.state) }), [component, page, entry, location.state]);
  const [title, setTitle] = useState('');
  useTitle(title);
  const leave = useCallback(
    () => void (location.key === 'default' ? navigate(`/work/${encodeURIComponent(component)}`) : navigate(-1)),
    [navigate, location.key, component],
  );
  return (
    <>
      <Crumbs component={component} title={title} />
      <Box sx={{ maxWidth: 1400, mx: 'auto', px: { xs: 2, sm: 3 }, py: 3 }}>
        <PageStage key={location.key} target={target} leave={leave} onTitle={setTitle} paper />
      </Box>
    </>
  );
}

function Crumbs({ component, title }: { component: string; title: string }) {
  const { t } = useTranslation('workplace');
  const { data } = api.useListPublishedComponentsQuery();
  const app = data?.components?.find((one) => one.id === component);
  return (
    <BarTitle>
      <Typography variant="body2" noWrap component="div" sx={{ display: 'flex', gap: 0.75, minWidth: 0 }}>
        <Link component={RouteLink} to="/work" color="text.secondary" sx={{ display: { xs: 'none', sm: 'inline' } }}>
          {t('nav')}
        </Link>
        <Box component="span" aria-hidden sx={{ color: 'text.secondary', display: { xs: 'none', sm: 'inline' } }}>
          /
        </Box>
        <Link component={RouteLink} to={`/work/${encodeURIComponent(component)}`} color="text.primary" sx={{ fontWeight: 600, overflow: 'hidden', textOverflow: 'ellipsis' }}>
          {app?.displayName || component}
        </Link>
        {title !== '' && (
          <Box component="span" sx={{ color: 'text.secondary', overflow: 'hidden', textOverflow: 'ellipsis', display: { xs: 'none', md: 'inline' } }}>
            / {title}
          </Box>
        )}
      </Typography>
    </BarTitle>
  );
}

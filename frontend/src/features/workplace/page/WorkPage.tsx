import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink, useBlocker, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { api } from '@/api';
import { ConfirmDialog } from '@/controls/action/ConfirmDialog';
import { BarTitle } from '@/ui/bar';
import { useTitle } from '@/ui/PageFrame';
import { Overlay, type OverPage } from './Overlay';
import { PageView } from './PageView';
import type { Frame } from './perform';
import { pathOf, readState, stateOf, type Target } from './target';

/** A page of an app, with the pages that it opens over itself. */
export function Component() {
  const { component = '', page = '' } = useParams();
  const [search] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const entry = search.get('entry') ?? undefined;
  const target = useMemo<Target>(() => ({ component, page, entry, ...readState(location.state) }), [component, page, entry, location.state]);
  const { onDirty, guard } = useGuard();
  const [overs, setOvers] = useState<readonly OverPage[]>([]);
  const [title, setTitle] = useState('');
  useTitle(title);

  const frame = useMemo((): Omit<Frame, 'renew'> => {
    const leave = () => void (location.key === 'default' ? navigate(`/work/${encodeURIComponent(component)}`) : navigate(-1));
    return {
      go: (next) => {
        setOvers([]);
        void navigate(pathOf(next), { state: stateOf(next) });
      },
      goHome: (next) => {
        setOvers([]);
        void navigate(`/work/${encodeURIComponent(next)}`);
      },
      over: (next, kind) => setOvers((before) => [...before, { key: (before.at(-1)?.key ?? 0) + 1, kind, target: next }]),
      // The answer is a download: it opens nothing.
      openFile: (file) => window.location.assign(`/v1/files/${encodeURIComponent(file)}:download`),
      back: leave,
      done: () => {
        if (target.returns) leave();
        return target.returns;
      },
    };
  }, [navigate, location.key, component, target.returns]);

  return (
    <>
      <Crumbs component={component} title={title} />
      <Box sx={{ maxWidth: 1400, mx: 'auto', px: { xs: 2, sm: 3 }, py: 3 }}>
        <PageView key={location.key} target={target} frame={frame} onDirty={onDirty} onTitle={setTitle} paper />
      </Box>
      {overs.map((over) => (
        <Overlay key={over.key} over={over} frame={frame} onClose={() => setOvers((before) => before.filter((one) => one !== over))} />
      ))}
      {guard}
    </>
  );
}

/** Asks before what was typed is lost by going elsewhere. */
function useGuard() {
  const { t } = useTranslation('workplace');
  const dirty = useRef(false);
  const [isDirty, setDirty] = useState(false);
  const onDirty = useCallback((now: boolean) => {
    dirty.current = now;
    setDirty(now);
  }, []);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => dirty.current && (currentLocation.pathname !== nextLocation.pathname || currentLocation.search !== nextLocation.search),
  );
  useEffect(() => {
    if (!isDirty) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isDirty]);
  const guard = (
    <ConfirmDialog
      open={blocker.state === 'blocked'}
      title={t('leave.title')}
      text={t('leave.text')}
      label={t('leave.do')}
      danger
      onCancel={() => blocker.reset?.()}
      onConfirm={() => blocker.proceed?.()}
    />
  );
  return { onDirty, guard };
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

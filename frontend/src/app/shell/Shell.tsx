import Box from '@mui/material/Box';
import Drawer from '@mui/material/Drawer';
import LinearProgress from '@mui/material/LinearProgress';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation, useMatches, useNavigation } from 'react-router';
import { api, isApiError } from '@/api';
import { BarContext } from '@/ui/bar';
import { ErrorNotice } from '@/ui/ErrorNotice';
import type { RouteHandle } from '@/ui/feature';
import { features } from '../features';
import { Live } from '../live/Live';
import { CommandPalette } from './CommandPalette';
import { PreviewBanner } from './PreviewBanner';
import { SideNav } from './SideNav';
import { TopBar } from './TopBar';

/**
 * Asks who is signed in; whoever is not goes to sign in and comes back. When a session ends while somebody works, everything stays as it is
 * until they have signed in again, so that nothing typed is lost.
 */
export function Shell() {
  const location = useLocation();
  const session = api.useGetCurrentSessionQuery();
  const ended = isApiError(session.error) && session.error.status === 401;
  if (ended && session.data === undefined) {
    const here = location.pathname + location.search;
    return <Navigate to={here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
  }
  if (session.data !== undefined) return <Frame ended={ended} />;
  return (
    <Box sx={{ p: 3, maxWidth: 480, mx: 'auto' }}>
      {session.error !== undefined && <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />}
    </Box>
  );
}

const navWidth = 216;

function Frame({ ended }: { ended: boolean }) {
  const { t } = useTranslation('app');
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [title, setTitle] = useState<HTMLElement | null>(null);
  const [actions, setActions] = useState<HTMLElement | null>(null);
  const moving = useNavigation().state !== 'idle';
  const wide = useMatches().some((match) => (match.handle as RouteHandle | undefined)?.nav === 'hidden');
  return (
    <BarContext.Provider value={{ title, actions }}>
      <Box
        component="a"
        href="#main"
        sx={{
          position: 'absolute', left: 8, top: -60, zIndex: 'tooltip', p: 1, bgcolor: 'background.paper', color: 'text.primary',
          '&:focus': { top: 8 },
        }}
      >
        {t('skip')}
      </Box>
      <Box sx={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        <PreviewBanner />
        <TopBar onMenu={() => setDrawer(true)} onSearch={() => setPalette(true)} titleRef={setTitle} actionsRef={setActions} wide={wide} />
        <Box sx={{ position: 'relative', height: 0, zIndex: 1 }}>{moving && <LinearProgress aria-label={t('loading')} sx={{ height: 2 }} />}</Box>
        <Box sx={{ display: 'flex', flex: 1, minHeight: 0 }}>
          {!wide && (
            <Box
              sx={{
                width: navWidth, flexShrink: 0, display: { xs: 'none', md: 'block' }, bgcolor: 'background.paper', borderRight: 1,
                borderColor: 'divider', overflowY: 'auto',
              }}
            >
              <SideNav />
            </Box>
          )}
          <Box component="main" id="main" tabIndex={-1} sx={{ flex: 1, minWidth: 0, overflow: 'auto', outline: 0 }}>
            <Suspense>
              <Outlet />
            </Suspense>
          </Box>
        </Box>
      </Box>
      <Drawer open={drawer} onClose={() => setDrawer(false)} slotProps={{ paper: { sx: { width: 260 }, 'aria-label': t('navigation') } }}>
        <SideNav onGo={() => setDrawer(false)} />
      </Drawer>
      {!ended && <Live />}
      {features.map(({ name, Background }) => Background && <Background key={name} />)}
      {ended && (
        <Suspense>
          {features.map(({ name, Ended }) => Ended && <Ended key={name} />)}
        </Suspense>
      )}
      <CommandPalette open={palette} onOpen={() => setPalette(true)} onClose={() => setPalette(false)} />
    </BarContext.Provider>
  );
}

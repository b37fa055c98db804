import ConstructionIcon from '@mui/icons-material/DashboardCustomizeOutlined';
import type { Feature, RouteHandle } from '@/ui/feature';
import { editors } from './editors';

const handle: RouteHandle = { nav: 'hidden' };

/** Where components are made. */
export const feature: Feature = {
  name: 'studio',
  nav: [{ to: '/studio', label: 'studio:nav', icon: ConstructionIcon, order: 20, allowed: (session) => session.canSomewhere('components.read') }],
  routes: [
    { path: '/studio', lazy: () => import('./Components') },
    {
      path: '/studio/:component',
      handle,
      lazy: () => import('./Workspace'),
      children: [{ index: true, lazy: () => import('./Overview') }, { path: 'problems', lazy: () => import('./Problems') }, ...editors],
    },
  ],
};

import RocketIcon from '@mui/icons-material/RocketLaunchOutlined';
import type { Feature } from '@/ui/feature';

/** What went live and when, and the way back. */
export const feature: Feature = {
  name: 'publish',
  nav: [{ to: '/publications', label: 'publish:nav', icon: RocketIcon, order: 40, allowed: (session) => session.canSomewhere('components.read') }],
  routes: [
    { path: '/publications', lazy: () => import('./Publications') },
    { path: '/publications/:publication', lazy: () => import('./PublicationPage') },
  ],
};

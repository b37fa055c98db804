import HomeIcon from '@mui/icons-material/HomeOutlined';
import type { Feature } from '@/ui/feature';

/** The first page: what there is, and sample apps to begin with. */
export const feature: Feature = {
  name: 'home',
  nav: [{ to: '/', label: 'home:nav', icon: HomeIcon, order: 0, allowed: (session) => session.canSomewhere('components.read') }],
  routes: [{ index: true, lazy: () => import('./Home') }],
};

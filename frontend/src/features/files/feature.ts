import FolderIcon from '@mui/icons-material/FolderOutlined';
import type { Feature } from '@/ui/feature';

/** Every file of the tenant. */
export const feature: Feature = {
  name: 'files',
  nav: [{ to: '/files', label: 'files:nav', icon: FolderIcon, order: 30, allowed: (session) => session.can('files.read') }],
  routes: [{ path: '/files', lazy: () => import('./Files') }],
};

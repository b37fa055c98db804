import AppsIcon from '@mui/icons-material/AppsOutlined';
import InboxIcon from '@mui/icons-material/InboxOutlined';
import RunsIcon from '@mui/icons-material/AccountTreeOutlined';
import type { Feature } from '@/ui/feature';
import { NewTasks } from './tasks/NewTasks';
import { TaskBadge } from './tasks/TaskBadge';

/** Where published apps are used. */
export const feature: Feature = {
  name: 'workplace',
  nav: [
    { to: '/work', label: 'workplace:nav', icon: AppsIcon, order: 10 },
    { to: '/work/tasks', label: 'workplace:tasks.nav', icon: InboxIcon, order: 11, Badge: TaskBadge },
    { to: '/work/runs', label: 'workplace:runs.nav', icon: RunsIcon, order: 12, allowed: (session) => session.canSomewhere('runs.read') },
  ],
  Background: NewTasks,
  routes: [
    { path: '/work', lazy: () => import('./Apps') },
    // A component of one of these names is opened at a page of its own.
    { path: '/work/tasks', lazy: () => import('./tasks/Tasks') },
    { path: '/work/runs', lazy: () => import('./runs/Runs') },
    { path: '/work/:component', lazy: () => import('./page/WorkHome') },
    { path: '/work/:component/:page', lazy: () => import('./page/WorkPage') },
  ],
};

import PeopleIcon from '@mui/icons-material/PeopleAltOutlined';
import { createElement } from 'react';
import { Navigate } from 'react-router';
import type { Feature } from '@/ui/feature';

/** People, what they may do, keys for programs, and what was done. */
export const feature: Feature = {
  name: 'access',
  nav: [{ to: '/access', label: 'access:nav', icon: PeopleIcon, order: 50, allowed: (session) => session.can('users.read') }],
  routes: [
    {
      path: '/access',
      lazy: () => import('./AccessPage'),
      children: [
        { index: true, element: createElement(Navigate, { to: 'users', replace: true }) },
        { path: 'users', lazy: () => import('./Users') },
        { path: 'roles', lazy: () => import('./Roles') },
        { path: 'keys', lazy: () => import('./Keys') },
        { path: 'audit', lazy: () => import('./Audit') },
        { path: 'organization', lazy: () => import('./Organization') },
      ],
    },
  ],
};

import { lazy } from 'react';
import type { Feature } from '@/ui/feature';

/** Coming in: signing in and up, and the pages that one-time links open. */
export const feature: Feature = {
  name: 'session',
  Ended: lazy(async () => ({ default: (await import('./SignInAgain')).SignInAgain })),
  publicRoutes: [
    { path: '/sign-in', lazy: () => import('./SignIn') },
    { path: '/sign-up', lazy: () => import('./SignUp') },
    { path: '/setup', lazy: () => import('./Setup') },
    { path: '/invitation', lazy: () => import('./Invitation') },
    { path: '/reset', lazy: () => import('./Reset') },
  ],
};

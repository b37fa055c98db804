import type { RouteObject } from 'react-router';

/** Trying and publishing the component that is open, below /studio/:component. */
export const routes: readonly RouteObject[] = [
  { path: 'publish', lazy: () => import('./PublishPage') },
  { path: 'try', lazy: () => import('./TryPage') },
];

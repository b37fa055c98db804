import type { RouteObject } from 'react-router';

/** The page builder, in the workspace of a component. */
export const routes: readonly RouteObject[] = [
  { path: 'pages', lazy: () => import('./PageList') },
  { path: 'pages/:page', lazy: () => import('./PageEditor') },
];

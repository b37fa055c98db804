import type { RouteObject } from 'react-router';

/** The editor of the object model, below /studio/:component. */
export const routes: readonly RouteObject[] = [{ path: 'model', lazy: () => import('./ModelEditor') }];

import type { RouteObject } from 'react-router';

/** The entries of the component that is open, below /studio/:component. */
export const routes: readonly RouteObject[] = [{ path: 'data', lazy: () => import('./DataBrowser') }];

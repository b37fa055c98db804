import type { RouteObject } from 'react-router';

/** Publishing the component that is open, below /studio/:component. */
export const routes: readonly RouteObject[] = [{ path: 'publish', lazy: () => import('./PublishPage') }];

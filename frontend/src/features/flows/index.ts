import type { RouteObject } from 'react-router';

/** The editors of dataflows, workflows and scripts, below /studio/:component. */
export const routes: readonly RouteObject[] = [
  { path: 'dataflows', lazy: () => import('./parts/Dataflows') },
  { path: 'dataflows/:part', lazy: () => import('./graph/DataflowEditor') },
  { path: 'workflows', lazy: () => import('./parts/Workflows') },
  { path: 'workflows/:part', lazy: () => import('./workflow/WorkflowEditor') },
  { path: 'scripts', lazy: () => import('./parts/Scripts') },
  { path: 'scripts/:part', lazy: () => import('./scripts/ScriptEditor') },
];

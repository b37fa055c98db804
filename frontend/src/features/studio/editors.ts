import type { RouteObject } from 'react-router';

/** The routes of the editors, each from the index of its feature; see README.md. */
export const editors: readonly RouteObject[] = Object.values(
  import.meta.glob<readonly RouteObject[]>('../{model,pages,flows,data,publish}/index.ts', { eager: true, import: 'routes' }),
).flat();

import { createBrowserRouter, type DataRouter } from 'react-router';
import { features } from './features';
import { NotFound, RouteError } from './RouteError';

/** The addresses of the app: those of the features, inside the shell or without it. */
export function makeRouter(): DataRouter {
  return createBrowserRouter([
    {
      errorElement: <RouteError />,
      // Nothing is shown while the first page is on its way: it is there in a moment.
      hydrateFallbackElement: <></>,
      children: [
        ...features.flatMap((feature) => feature.publicRoutes ?? []),
        {
          lazy: async () => ({ Component: (await import('./shell/Shell')).Shell }),
          children: [
            {
              errorElement: <RouteError />,
              children: [...features.flatMap((feature) => feature.routes ?? []), { path: '*', element: <NotFound /> }],
            },
          ],
        },
      ],
    },
  ]);
}

import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import type { i18n } from 'i18next';
import { StrictMode, Suspense } from 'react';
import { I18nextProvider } from 'react-i18next';
import { Provider } from 'react-redux';
import { type DataRouter, RouterProvider } from 'react-router';
import { CommandsProvider } from '@/ui/commands';
import { NoticesProvider } from '@/ui/notices';
import type { makeStore } from './store';
import { theme } from './theme';

/** The policy of the page lets styles in by a nonce of this answer alone; the gateway wrote it into index.html. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
const styles = createCache({ key: 'aq', nonce, prepend: true });

interface AppProps {
  store: ReturnType<typeof makeStore>;
  texts: i18n;
  router: DataRouter;
}

export function App({ store, texts, router }: AppProps) {
  return (
    <StrictMode>
      <CacheProvider value={styles}>
        <ThemeProvider theme={theme} defaultMode="system" modeStorageKey="aqtra.mode" noSsr>
          <CssBaseline />
          <Provider store={store}>
            <I18nextProvider i18n={texts}>
              <Suspense>
                <CommandsProvider>
                  <NoticesProvider>
                    <RouterProvider router={router} />
                  </NoticesProvider>
                </CommandsProvider>
              </Suspense>
            </I18nextProvider>
          </Provider>
        </ThemeProvider>
      </CacheProvider>
    </StrictMode>
  );
}

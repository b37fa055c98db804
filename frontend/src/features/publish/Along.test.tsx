import { configureStore } from '@reduxjs/toolkit';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { useState } from 'react';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { expect, it, vi } from 'vitest';
import { api, type Component } from '@/api';
import { answering } from '@/controls/input/testing';
import { Along } from './Along';
import en from './locales/en.json';

/** Shows what can be published along with "cars" to somebody who may publish all but "secret". */
async function show(components: readonly Component[]) {
  const answers: Readonly<Record<string, object>> = {
    '/v1/sessions/current': { user: { id: 'u1' }, grants: ['cars', 'sales', 'people'].map((component) => ({ permission: 'components.publish', component })) },
    '/v1/components': { components },
  };
  vi.stubGlobal('fetch', answering((url) => answers[url.pathname]));
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({ lng: 'en', resources: { en: { publish: en, ui: {} } }, interpolation: { escapeValue: false } });
  const store = configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (defaults) => defaults().concat(api.middleware) });
  await store.dispatch(api.endpoints.getCurrentSession.initiate());
  function Choice() {
    const [chosen, setChosen] = useState<readonly string[]>([]);
    return (
      <>
        <Along component="cars" chosen={chosen} onChange={setChosen} />
        <output>{chosen.join()}</output>
      </>
    );
  }
  render(
    <Provider store={store}>
      <I18nextProvider i18n={texts}>
        <Choice />
      </I18nextProvider>
    </Provider>,
  );
}

it('offers the other components that are not live as they are', async () => {
  await show([
    { id: 'cars', displayName: 'Cars', revision: '2', publishedRevision: '0' },
    { id: 'sales', displayName: 'Sales', revision: '3', publishedRevision: '2' },
    { id: 'people', displayName: 'People', revision: '1', publishedRevision: '1' },
    { id: 'secret', displayName: 'Secret', revision: '1', publishedRevision: '0' },
  ]);
  const group = await screen.findByRole('group', { name: en.along.title });
  expect(within(group).getAllByRole('checkbox')).toHaveLength(1);
  await userEvent.click(within(group).getByRole('checkbox', { name: /^Sales/ }));
  expect(screen.getByRole('status').textContent).toBe('sales');
  await userEvent.click(within(group).getByRole('checkbox', { name: /^Sales/ }));
  expect(screen.getByRole('status').textContent).toBe('');
});

import { configureStore } from '@reduxjs/toolkit';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { expect, it, vi } from 'vitest';
import { api } from '@/api';
import { answering } from '@/controls/input/testing';
import ui from '@/ui/locales/en.json';
import { Component } from './Organization';
import en from './locales/en.json';

/** As the shell does, it shows nothing to those who are not signed in. */
function Shell() {
  const { data } = api.useGetCurrentSessionQuery();
  return data !== undefined && <Component />;
}

it('is deleted by whoever types its name', async () => {
  vi.stubGlobal(
    'fetch',
    answering((url, init) => {
      if (url.pathname === '/v1/sessions/current') return { tenant: { displayName: 'Acme' }, grants: [{ permission: 'tenant.delete' }] };
      if (url.pathname !== '/v1/tenants/current:delete') return undefined;
      const { confirm } = JSON.parse(String(init.body)) as { confirm: string };
      return confirm === 'Acme' ? {} : Response.json({ error: { reason: 'INVALID_FIELDS', message: 'the deletion is not confirmed' } }, { status: 400 });
    }),
  );
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({ lng: 'en', resources: { en: { access: en, ui } }, interpolation: { escapeValue: false } });
  const store = configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (defaults) => defaults().concat(api.middleware) });
  await store.dispatch(api.endpoints.getCurrentSession.initiate());
  render(
    <Provider store={store}>
      <I18nextProvider i18n={texts}>
        <RouterProvider router={createMemoryRouter([{ path: '/', element: <Shell /> }, { path: '/sign-in', element: 'signed out' }])} />
      </I18nextProvider>
    </Provider>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Delete the organization' }));
  const dialog = within(screen.getByRole('dialog', { name: 'Delete Acme' }));
  await userEvent.type(dialog.getByRole('textbox'), 'acme');
  await userEvent.click(dialog.getByRole('button', { name: 'Delete the organization' }));
  expect(await dialog.findByText('the deletion is not confirmed')).toBeTruthy();
  await userEvent.clear(dialog.getByRole('textbox'));
  await userEvent.type(dialog.getByRole('textbox'), ' Acme ');
  await userEvent.click(dialog.getByRole('button', { name: 'Delete the organization' }));
  expect(await screen.findByText('signed out')).toBeTruthy();
});

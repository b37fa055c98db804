import { configureStore } from '@reduxjs/toolkit';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { expect, it, vi } from 'vitest';
import { api, type File as StoredFile } from '@/api';
import { answering } from '@/controls/input/testing';
import { NoticesProvider } from '@/ui/notices';
import ui from '@/ui/locales/en.json';
import { Component } from './Files';
import en from './locales/en.json';

const scan: StoredFile = { id: 'f1', name: 'scan.png', contentType: 'image/png', size: '1234567', creatorSubject: 'u2', createTime: '2026-01-31T10:00:00Z' };
const notes: StoredFile = { id: 'f2', name: 'notes.txt', contentType: 'text/plain; charset=utf-8', size: '10', creatorSubject: 'u1', createTime: '2026-01-30T10:00:00Z' };

/** Shows the page to somebody with these grants; a file is deleted unless an entry refers to it. */
async function show(files: readonly StoredFile[], permissions: readonly string[], referred = '') {
  let kept = files;
  vi.stubGlobal(
    'fetch',
    answering((url, init) => {
      if (url.pathname === '/v1/sessions/current') return { user: { id: 'u1', displayName: 'Ada' }, grants: permissions.map((permission) => ({ permission })) };
      if (url.pathname === '/v1/users/u2' && permissions.includes('users.read')) return { id: 'u2', email: 'bob@example.com' };
      if (url.pathname === '/v1/files') return { files: kept };
      const id = /^\/v1\/files\/(\w+)$/.exec(url.pathname)?.[1];
      if (init.method !== 'DELETE' || id === undefined) return undefined;
      if (id === referred) return Response.json({ error: { reason: 'ENTRY_REFERENCED', message: 'an entry refers to the file' } }, { status: 412 });
      kept = kept.filter((one) => one.id !== id);
      return {};
    }),
  );
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({ lng: 'en', resources: { en: { files: en, ui, controls: {} } }, interpolation: { escapeValue: false } });
  const store = configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (defaults) => defaults().concat(api.middleware) });
  await store.dispatch(api.endpoints.getCurrentSession.initiate());
  render(
    <Provider store={store}>
      <I18nextProvider i18n={texts}>
        <NoticesProvider>
          <Component />
        </NoticesProvider>
      </I18nextProvider>
    </Provider>,
  );
}

it('lists name, type, size, who and when', async () => {
  await show([scan, notes], ['*', 'users.read']);
  const row = await screen.findByRole('row', { name: /scan\.png/ });
  await within(row).findByText('bob@example.com');
  expect(within(row).getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['image/png', '1.2 MB', 'bob@example.com', expect.stringContaining('2026'), '']);
  expect(within(screen.getByRole('row', { name: /notes\.txt/ })).getByText('Ada')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Download notes.txt' }).getAttribute('href')).toBe('/v1/files/f2:download');
});

it('shows an image large', async () => {
  await show([scan, notes], ['*']);
  await userEvent.click(await screen.findByRole('button', { name: 'Preview scan.png' }));
  const dialog = screen.getByRole('dialog', { name: 'scan.png' });
  expect(within(dialog).getByRole('img').getAttribute('src')).toBe('/v1/files/f1:download');
});

it('deletes a file after asking, and says why one stays', async () => {
  await show([scan, notes], ['*'], 'f1');
  await userEvent.click(await screen.findByRole('button', { name: 'Delete scan.png' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
  expect((await screen.findByText('an entry refers to the file')).textContent).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());

  await userEvent.click(screen.getByRole('button', { name: 'Delete notes.txt' }));
  await userEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(screen.queryByRole('row', { name: /notes\.txt/ })).toBeNull());
  expect(screen.getByRole('row', { name: /scan\.png/ })).toBeTruthy();
});

it('offers only what is allowed', async () => {
  await show([scan], ['files.read']);
  const row = await screen.findByRole('row', { name: /scan\.png/ });
  expect(within(row).getByText('Unknown')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Delete|Upload/ })).toBeNull();
});

it('says that there is nothing, and what to do', async () => {
  await show([], ['*']);
  expect(await screen.findByText('No files yet')).toBeTruthy();
  expect(screen.getAllByRole('button', { name: 'Upload' })).toHaveLength(2);
});

import { configureStore } from '@reduxjs/toolkit';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { expect, it, vi } from 'vitest';
import { api, type File as StoredFile } from '@/api';
import { answering } from '@/controls/input/testing';
import { NoticesProvider } from '@/ui/notices';
import ui from '@/ui/locales/en.json';
import { Component } from './Files';
import en from './locales/en.json';

const scan: StoredFile = { id: 'f1', name: 'scan.png', contentType: 'image/png', size: '1234567', creatorSubject: 'u2', createTime: '2026-01-31T10:00:00Z' };
const notes: StoredFile = { id: 'f2', name: 'notes.txt', contentType: 'text/plain; charset=utf-8', size: '10', creatorSubject: 'u1', createTime: '2026-01-30T10:00:00Z' };

function foldersIn(files: readonly StoredFile[], parent: string) {
  const inside = parent === '' ? '' : `${parent}/`;
  const paths = files.flatMap(({ folder = '' }) => (folder !== '' && folder.startsWith(inside) ? [inside + (folder.slice(inside.length).split('/')[0] ?? '')] : []));
  return [...new Set(paths)].map((path) => ({ path, files: String(paths.filter((one) => one === path).length) }));
}

/** Shows the page to somebody with these grants; a file is deleted unless an entry refers to it. */
async function show(files: readonly StoredFile[], permissions: readonly string[], referred = '', at = '/files') {
  let kept = files;
  vi.stubGlobal(
    'fetch',
    answering((url, init) => {
      if (url.pathname === '/v1/sessions/current') return { user: { id: 'u1', displayName: 'Ada' }, grants: permissions.map((permission) => ({ permission })) };
      if (url.pathname === '/v1/users/u2' && permissions.includes('users.read')) return { id: 'u2', email: 'bob@example.com' };
      if (url.pathname === '/v1/files') {
        const folder = url.searchParams.get('folder') ?? '';
        return { files: kept.filter((one) => (one.folder ?? '') === (folder === '/' ? '' : folder)) };
      }
      if (url.pathname === '/v1/folders') return { folders: foldersIn(kept, url.searchParams.get('parent') ?? '') };
      if (url.pathname === '/v1/folders:move') {
        const { from, to } = JSON.parse(String(init.body)) as { from: string; to: string };
        kept = kept.map((one) => (one.folder === from ? { ...one, folder: to } : one));
        return { files: '1' };
      }
      const id = /^\/v1\/files\/(\w+)$/.exec(url.pathname)?.[1];
      if (init.method === 'PATCH') {
        kept = kept.map((one) => (one.id === id ? { ...one, ...(JSON.parse(String(init.body)) as object) } : one));
        return kept.find((one) => one.id === id);
      }
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
          <MemoryRouter initialEntries={[at]}>
            <Component />
          </MemoryRouter>
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

it('goes into folders and back', async () => {
  await show([{ ...scan, folder: 'reports/2026' }, notes], ['*']);
  expect(await screen.findByRole('row', { name: /notes\.txt/ })).toBeTruthy();
  await userEvent.click(screen.getByRole('link', { name: /reports 1 file/ }));
  await userEvent.click(await screen.findByRole('link', { name: /2026 1 file/ }));
  expect(await screen.findByRole('row', { name: /scan\.png/ })).toBeTruthy();
  expect(screen.queryByRole('row', { name: /notes\.txt/ })).toBeNull();
  expect(screen.getByRole('navigation', { name: 'Where you are' }).textContent).toBe('All files/reports/2026');
  await userEvent.click(screen.getByRole('link', { name: 'All files' }));
  expect(await screen.findByRole('row', { name: /notes\.txt/ })).toBeTruthy();

  await userEvent.click(screen.getByRole('button', { name: 'New folder' }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Name of the folder' }), ' plans / old ');
  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  expect(await screen.findByText('Nothing in this folder yet')).toBeTruthy();
  expect(screen.getByRole('navigation', { name: 'Where you are' }).textContent).toBe('All files/plans/old');
});

it('moves files and folders', async () => {
  await show([{ ...scan, folder: 'reports' }, notes], ['*']);
  await userEvent.click(await screen.findByRole('button', { name: 'Rename or move notes.txt' }));
  const dialog = within(screen.getByRole('dialog'));
  await userEvent.clear(dialog.getByRole('textbox', { name: 'Name' }));
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'words.txt');
  await userEvent.type(dialog.getByRole('textbox', { name: 'Folder' }), '/reports/');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('words.txt was moved.')).toBeTruthy();
  await userEvent.click(await screen.findByRole('button', { name: 'Rename or move reports' }));
  await userEvent.type(within(await screen.findByRole('dialog')).getByRole('textbox', { name: 'Folder' }), 'archive');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await userEvent.click(await screen.findByRole('link', { name: /archive 2 files/ }));
  await userEvent.click(await screen.findByRole('link', { name: /reports 2 files/ }));
  expect(await screen.findByRole('row', { name: /words\.txt/ })).toBeTruthy();
});

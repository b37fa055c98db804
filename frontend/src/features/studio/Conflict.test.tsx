import { configureStore } from '@reduxjs/toolkit';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { expect, it } from 'vitest';
import type { Component } from '@/api';
import { rootReducer } from '@/api/root';
import { draftActions, type DraftsRoot } from '@/draft';
import { NoticesProvider } from '@/ui/notices';
import { Conflict } from './Conflict';
import texts from './locales/en.json';

const component = 'invoice';
const base: Component = { id: component, etag: '1', displayName: 'Invoice', description: 'Ours', pages: [{ id: 'all', title: 'All' }] };

async function show(mine: Component, theirs: Component) {
  const i18n = i18next.createInstance();
  await i18n.use(initReactI18next).init({ lng: 'en', resources: { en: { studio: texts } }, interpolation: { escapeValue: false } });
  const store = configureStore({ reducer: rootReducer });
  store.dispatch(draftActions.opened({ component, base }));
  store.dispatch(draftActions.edited({ component, doc: mine, label: 'x:y', at: 0 }));
  store.dispatch(draftActions.collided({ component, theirs }));
  render(
    <Provider store={store}>
      <I18nextProvider i18n={i18n}>
        <NoticesProvider>
          <Conflict component={component} />
        </NoticesProvider>
      </I18nextProvider>
    </Provider>,
  );
  return () => (store.getState() as DraftsRoot).drafts?.[component];
}

it('asks for each thing whose version stays', async () => {
  const draft = await show({ ...base, displayName: 'Mine', description: 'Mine' }, { ...base, etag: '2', displayName: '<b>Theirs</b>', description: 'Theirs' });
  const done = screen.getByRole('button', { name: 'Go on' });
  const name = screen.getByRole('region', { name: 'Name' });
  expect(within(name).getByText(/<b>Theirs<\/b>/)).toBeTruthy();
  await userEvent.click(within(name).getByRole('button', { name: 'Take theirs' }));
  expect(done).toHaveProperty('disabled', true);
  await userEvent.click(within(screen.getByRole('region', { name: 'Description' })).getByRole('button', { name: 'Keep mine' }));
  await userEvent.click(done);
  expect(draft()).toMatchObject({ saving: 'dirty', doc: { displayName: '<b>Theirs</b>', description: 'Mine', etag: '2' } });
  expect(screen.queryByRole('dialog', { hidden: false })).toBeNull();
});

it('tells what of others was taken in', async () => {
  const draft = await show({ ...base, displayName: 'Mine' }, { ...base, etag: '2', pages: [{ id: 'all', title: 'Theirs' }] });
  expect(await screen.findByText(/taken over: Page all/)).toBeTruthy();
  expect(draft()).toMatchObject({ doc: { displayName: 'Mine', pages: [{ title: 'Theirs' }] } });
});

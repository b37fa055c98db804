import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { configureStore } from '@reduxjs/toolkit';
import { render } from '@testing-library/react';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { expect, it, vi } from 'vitest';
import { api } from '@/api';
import { AskedContext, PlaceContext } from '@/renderer/place';
import type { JsonObject } from '@/values/json';
import { answering } from '../input/testing';
import { controlMessages } from '../messages';
import { control } from '.';

const tasks = [
  { id: 't1', component: 'invoice', workflow: 'approval', entry: 'e1', title: 'Approve?', description: 'Chairs', choices: [{ value: 1, label: 'Yes' }, { value: 2, label: 'No' }] },
  { id: 't2', component: 'invoice', workflow: 'approval', entry: 'e2', title: 'Another?', description: '', choices: [] },
];

async function showAt(entry: string | undefined, asked = '') {
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({ lng: 'en', resources: { en: { controls: (await controlMessages('en')) as Record<string, never> } } });
  const store = configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (defaults) => defaults().concat(api.middleware) });
  const View = control.View;
  render(
    <Provider store={store}>
      <I18nextProvider i18n={texts}>
        <PlaceContext.Provider value={{ component: 'invoice', entry }}>
          <AskedContext.Provider value={asked}>
          <View
            id="n" name="n" props={{ workflow: '', empty: 'Nothing to decide' }} slots={{}} field={undefined} value={undefined} setValue={() => undefined}
            errors={[]} disabled={false} required={false} visible mode="run" dispatch={() => Promise.resolve()}
          />
          </AskedContext.Provider>
        </PlaceContext.Provider>
      </I18nextProvider>
    </Provider>,
  );
}

it('asks what waits for this entry, and answers', async () => {
  let answered: JsonObject | undefined;
  vi.stubGlobal(
    'fetch',
    answering((url, init) => {
      if (url.pathname === '/v1/tasks') return { tasks: answered === undefined ? tasks : tasks.slice(1) };
      if (url.pathname !== '/v1/tasks/t1:answer') return undefined;
      answered = JSON.parse(String(init.body));
      return { ...tasks[0], state: 'TASK_STATE_ANSWERED' };
    }),
  );
  await showAt('e1');
  expect(await screen.findByRole('region', { name: 'Approve?' })).toBeTruthy();
  expect(screen.queryByText('Another?')).toBeNull();
  await userEvent.type(screen.getByLabelText('Comment'), 'fine');
  await userEvent.click(screen.getByRole('button', { name: 'No' }));
  await waitFor(() => expect(answered).toEqual({ answer: 2, comment: 'fine' }));
  expect(await screen.findByText('Nothing to decide')).toBeTruthy();
});

it('asks nothing where there is no entry', async () => {
  vi.stubGlobal('fetch', answering(() => undefined));
  await showAt(undefined);
  expect(screen.getByText('Nothing to decide')).toBeTruthy();
});

it('asks nothing that stands beside the page already', async () => {
  vi.stubGlobal('fetch', answering((url) => (url.pathname === '/v1/tasks' ? { tasks } : undefined)));
  await showAt('e1', 't1');
  await waitFor(() => expect(screen.queryByText('Nothing to decide')).toBeNull());
  expect(screen.queryByText('Approve?')).toBeNull();
});

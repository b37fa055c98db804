import { configureStore } from '@reduxjs/toolkit';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { expect, it, vi } from 'vitest';
import { api, type Task } from '@/api';
import { answering } from '@/controls/input/testing';
import { controlMessages } from '@/controls/messages';
import { NoticesProvider } from '@/ui/notices';
import type { JsonObject } from '@/values/json';
import en from '../locales/en.json';
import { TaskDetail } from './TaskDetail';

const task: Task = {
  id: 't1', component: 'invoice', workflow: 'approval', entry: 'e1', page: 'form', title: 'Approve?', description: 'Chairs', state: 'TASK_STATE_OPEN',
  choices: [{ value: 1, label: 'Yes' }],
};

const model = { fields: [{ id: 'f1', name: 'Name', title: 'Name', type: 'FIELD_TYPE_STRING' }] };

const document = {
  root: 'page',
  nodes: {
    page: { type: 'page', name: 'page', props: {}, slots: { children: ['name'] } },
    name: { type: 'text-field', name: 'name', props: { field: 'Name', label: 'Name' }, slots: {} },
  },
};

const missing = Response.json({ error: { reason: 'COMPONENT_NOT_FOUND', message: 'not found' } }, { status: 404 });

/** Shows the task to somebody for whom the server has these answers. */
async function show(shown: Task, answers: Readonly<Record<string, JsonObject | Response>>) {
  vi.stubGlobal(
    'fetch',
    answering((url) => {
      const answer = answers[url.pathname];
      return answer instanceof Response ? answer.clone() : answer;
    }),
  );
  const texts = i18next.createInstance();
  await texts.use(initReactI18next).init({
    lng: 'en', resources: { en: { workplace: en, controls: (await controlMessages('en')) as Record<string, never>, ui: {}, renderer: {} } }, interpolation: { escapeValue: false },
  });
  const store = configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (defaults) => defaults().concat(api.middleware) });
  await store.dispatch(api.endpoints.getCurrentSession.initiate());
  const router = createMemoryRouter([{ path: '*', element: <TaskDetail task={shown} /> }], { initialEntries: ['/work/tasks'] });
  render(
    <Provider store={store}>
      <I18nextProvider i18n={texts}>
        <NoticesProvider>
          <RouterProvider router={router} />
        </NoticesProvider>
      </I18nextProvider>
    </Provider>,
  );
}

const session = { '/v1/sessions/current': { user: { id: 'u1' }, grants: [] } };
const everything = {
  ...session,
  '/v1/published/components': { components: [{ id: 'invoice', displayName: 'Invoices', homePage: 'form', model, pages: [{ id: 'form', title: 'Form' }] }] },
  '/v1/published/components/invoice/pages/form': { page: { id: 'form', title: 'Form', document }, model },
  '/v1/components/invoice/entries/e1': { id: 'e1', fields: { Name: 'Chairs' } },
};

it('shows the page of the question with the entry of the run', async () => {
  await show(task, everything);
  const name = await screen.findByRole('textbox', { name: 'Name' });
  expect(name).toHaveProperty('value', 'Chairs');
  expect(screen.queryByText(/not saved/)).toBeNull();
  await userEvent.type(name, ', blue');
  expect(await screen.findByText(/not saved/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Yes' })).toBeTruthy();
});

it.each([
  ['page', '/v1/published/components/invoice/pages/form'],
  ['entry', '/v1/components/invoice/entries/e1'],
])('shows the question alone to those who may not open the %s', async (_, path) => {
  await show(task, { ...everything, [path]: missing });
  await waitFor(() => expect(screen.getAllByText('Invoices')).toBeTruthy());
  await waitFor(() => expect(globalThis.document.querySelectorAll('.MuiSkeleton-root')).toHaveLength(0));
  expect(screen.getByRole('button', { name: 'Yes' })).toBeTruthy();
  expect(screen.queryByRole('textbox', { name: 'Name' })).toBeNull();
  expect(screen.queryByRole('alert')).toBeNull();
});

it.each([
  ['names no page', { ...task, page: '' }],
  ['has no entry', { ...task, entry: '' }],
  ['was answered', { ...task, state: 'TASK_STATE_ANSWERED' as const, answer: 1 }],
])('asks for no page when the task %s', async (_, other) => {
  await show(other, { ...session, '/v1/published/components': everything['/v1/published/components'] });
  expect(await screen.findByText('Approve?')).toBeTruthy();
  expect(globalThis.document.querySelectorAll('.MuiSkeleton-root')).toHaveLength(0);
});

import { configureStore } from '@reduxjs/toolkit';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { beforeAll, expect, it, vi } from 'vitest';
import { api, type Grant } from '@/api';
import { rootReducer } from '@/api/root';
import type { Type } from '@/expr/type';
import en from '../locales/en.json';
import { DataflowRun } from './DataflowRun';
import { ofTest } from './outcome';
import type { DataflowTry } from './useDataflowRun';

const texts = i18next.createInstance();
beforeAll(() => texts.use(initReactI18next).init({ lng: 'en', resources: { en: { flows: en, ui: {} } }, interpolation: { escapeValue: false } }));

const type: Type = { kind: 'map', fields: [{ id: 'total', name: 'total', type: { kind: 'decimal' } }] };

const outcome = ofTest({
  output: { ok: true },
  steps: [
    { report: { step: 'read', rowsIn: '0', rowsOut: '30', duration: '0.002s' }, items: [{ total: '1234.5' }, { total: '2' }] },
    { report: { step: 'store', rowsIn: '30', rowsOut: '30', duration: '0.1s' }, items: [], skipped: ['30 entries were not stored'] },
  ],
});

async function show(given: { grants?: Grant[]; run?: Partial<DataflowTry>; step?: string; input?: string }) {
  const store = configureStore({ reducer: rootReducer, middleware: (defaults) => defaults().concat(api.middleware) });
  await store.dispatch(api.util.upsertQueryData('getCurrentSession', undefined, { grants: given.grants ?? [{ permission: '*' }] }));
  await store.dispatch(api.util.upsertQueryData('getComponent', { component: 'c' }, { id: 'c', revision: '2', publishedRevision: '1' }));
  const run: DataflowTry = { test: vi.fn(), live: vi.fn(), busy: false, error: undefined, unsaved: undefined, outcome: undefined, lastTest: undefined, ...given.run };
  render(
    <Provider store={store}>
      <I18nextProvider i18n={texts}>
        <DataflowRun
          component="c"
          run={run}
          sample={{ input: given.input ?? '{"n": 1}', entry: '' }}
          onSample={() => undefined}
          step={given.step === undefined ? undefined : { id: given.step, title: given.step, type }}
          onClose={() => undefined}
        />
      </I18nextProvider>
    </Provider>,
  );
  return run;
}

const button = (name: string) => screen.queryByRole('button', { name });

it('tests the draft, and runs the live version when asked to', async () => {
  const run = await show({});
  fireEvent.click(screen.getByRole('button', { name: 'Run test' }));
  expect(run.test).toHaveBeenCalledWith({ input: { n: 1 }, entry: '' });
  fireEvent.click(screen.getByRole('button', { name: 'Run live' }));
  expect(run.live).toHaveBeenCalledOnce();
});

it('offers what one may do', async () => {
  await show({ grants: [{ permission: 'dataflows.run' }] });
  expect(button('Run test')).toBeNull();
  expect(button('Run live')).not.toBeNull();
});

it('runs nothing with an input that cannot be read, or while it runs', async () => {
  await show({ input: '{n' });
  expect(button('Run test')).toHaveProperty('disabled', true);
  cleanup();
  await show({ run: { busy: true } });
  expect(button('Run test')).toHaveProperty('disabled', true);
});

it('shows the items of the selected step as a table', async () => {
  await show({ run: { outcome }, step: 'read' });
  expect(screen.getByRole('tab', { name: 'read' }).getAttribute('aria-selected')).toBe('true');
  expect(screen.getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['1,234.5', '2']);
  expect(screen.getByText('The first 2 of 30.')).toBeTruthy();
  fireEvent.click(screen.getByRole('tab', { name: 'Output' }));
  expect(screen.getByText(/"ok": true/)).toBeTruthy();
});

it('says what a step did not do', async () => {
  await show({ run: { outcome }, step: 'store' });
  expect(screen.getByText('30 entries were not stored')).toBeTruthy();
  expect(screen.getByText(en.run.bigItems_other.replace('{{count}}', '30'))).toBeTruthy();
});

it('says which step failed', async () => {
  const failed = ofTest({ steps: [{ report: { step: 'call' }, error: 'no such entry' }] });
  await show({ run: { outcome: failed } });
  expect(screen.getByText('call: no such entry')).toBeTruthy();
});

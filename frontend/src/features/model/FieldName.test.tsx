import { configureStore } from '@reduxjs/toolkit';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { Provider } from 'react-redux';
import { expect, it, vi } from 'vitest';
import { api, type Component } from '@/api';
import { rootReducer } from '@/api/root';
import { answering } from '@/controls/input/testing';
import { draftActions, type DraftsRoot } from '@/draft';
import { FieldName } from './FieldName';
import rewrite from '@/rewrite/locales/en.json';
import texts from './locales/en.json';

const component = 'car_fleet';
const named = (name: string): Component => ({ id: component, etag: name, model: { fields: [{ id: 'vin', name, type: 'FIELD_TYPE_STRING' }] } });

async function show(answer: unknown) {
  const asked: unknown[] = [];
  vi.stubGlobal(
    'fetch',
    answering((url, init) => {
      if (!url.pathname.endsWith(':rename')) return named('vin') as never;
      asked.push(JSON.parse(String(init.body)));
      return answer instanceof Response ? answer.clone() : (answer as never);
    }),
  );
  const i18n = i18next.createInstance();
  await i18n.use(initReactI18next).init({ lng: 'en', resources: { en: { model: texts, rewrite, ui: {} } }, interpolation: { escapeValue: false } });
  const store = configureStore({ reducer: rootReducer, middleware: (defaults) => defaults().concat(api.middleware) });
  store.dispatch(draftActions.opened({ component, base: named('car_vin') }));
  const field = { id: 'vin', name: 'car_vin', type: 'FIELD_TYPE_STRING' } as const;
  render(
    <Provider store={store}>
      <I18nextProvider i18n={i18n}>
        <FieldName component={component} field={field} others={['brand']} problem={undefined} />
      </I18nextProvider>
    </Provider>,
  );
  const input = screen.getByRole('textbox', { name: 'Name in expressions' });
  const type = async (name: string) => {
    await userEvent.clear(input);
    await userEvent.type(input, `${name}{Enter}`);
  };
  return { asked, type, draft: () => (store.getState() as DraftsRoot).drafts?.[component] };
}

it('tells what changes with a saved name, and changes it everywhere', async () => {
  const { asked, type, draft } = await show({
    changes: [{ component, path: 'model/fields/car_vin', after: 'vin' }, { component: 'managers_grid', path: 'pages/managers/field', after: 'vin' }],
    mentions: [{ component, path: 'workflows/contract', text: 'input.car_vin' }],
  });
  await type('brand');
  expect(screen.getByText('Another field has this name.')).toBeTruthy();
  expect(asked).toEqual([]);
  await type('vin');
  const dialog = await screen.findByRole('dialog', { name: 'Rename car_vin to vin everywhere?' });
  expect(await within(dialog).findByText(/2 places change/)).toBeTruthy();
  expect(within(dialog).getByText('managers_grid › pages/managers/field: vin')).toBeTruthy();
  expect(within(dialog).getByText(/input\.car_vin/)).toBeTruthy();
  expect(draft()?.doc.model?.fields?.[0]?.name).toBe('car_vin');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Rename everywhere' }));
  await waitFor(() => expect(draft()).toMatchObject({ saving: 'saved', taken: [], doc: { etag: 'vin', model: { fields: [{ name: 'vin' }] } } }));
  const body = { kind: 'RENAME_KIND_FIELD', target: 'vin', name: 'vin', etag: 'car_vin' };
  expect(asked).toEqual([{ ...body, validateOnly: true }, { ...body, validateOnly: false }]);
});

it('tells why a name cannot be changed everywhere, and changes the field alone when asked', async () => {
  const error = { reason: 'DEFINITION_INVALID', message: 'definitions have errors', violations: [{ field: 'car_fleet/pages/main', description: 'unknown name' }] };
  const { type, draft } = await show(Response.json({ error }, { status: 400 }));
  await type('vin');
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText('car_fleet/pages/main: unknown name')).toBeTruthy();
  expect(within(dialog).getByRole('button', { name: 'Rename everywhere' })).toHaveProperty('disabled', true);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Only the field' }));
  expect(draft()).toMatchObject({ saving: 'dirty', doc: { model: { fields: [{ name: 'vin' }] } } });
});

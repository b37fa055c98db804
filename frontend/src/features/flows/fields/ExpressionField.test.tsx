import { render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { beforeAll, expect, it } from 'vitest';
import { Env } from '@/expr/env';
import exprTexts from '@/expr/locales/en.json';
import en from '../locales/en.json';
import { ExpressionField } from './ExpressionField';

const texts = i18next.createInstance();
beforeAll(() => texts.use(initReactI18next).init({ lng: 'en', resources: { en: { flows: en, expr: exprTexts } }, interpolation: { escapeValue: false } }));

const env = new Env({ objects: [], variables: [{ id: 'item', name: 'item', type: { kind: 'map', fields: [{ id: 'n', name: 'n', type: { kind: 'int' } }] } }] });

async function show(value: string, error?: string): Promise<HTMLElement> {
  const { container } = render(
    <I18nextProvider i18n={texts}>
      <ExpressionField label="Condition" value={value} onChange={() => undefined} error={error} help="Helps." expected="bool" language={{ env, vars: { item: { n: 2n } } }} />
    </I18nextProvider>,
  );
  await waitFor(() => expect(container.querySelector('.cm-content')).not.toBeNull(), { timeout: 20_000 });
  return screen.getByRole('status');
}

it('shows the value, and the help while nothing is wrong', { timeout: 30_000 }, async () => {
  expect((await show('item.n > 1')).textContent).toBe('= true');
  expect(screen.getByText('Helps.')).toBeTruthy();
  expect(screen.getByRole('textbox', { name: 'Condition' }).textContent).toBe('item.n > 1');
});

it('says what is wrong here and not what the server found in an earlier text', { timeout: 30_000 }, async () => {
  expect((await show('item.m > 1', 'from the server')).textContent).toContain('unknown field');
  expect(screen.queryByText('from the server')).toBeNull();
});

it('says what the server finds wrong in what is right here, and wants the type', { timeout: 30_000 }, async () => {
  expect((await show('item.n', 'from the server')).textContent).toBe('bool is needed here, this is int');
  expect(screen.getByText('from the server')).toBeTruthy();
});

import { render, screen, waitFor } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { beforeAll, expect, it } from 'vitest';
import { Env } from './env';
import { ExpressionEditor } from './ExpressionEditor';
import type { Variables } from './runtime';
import en from './locales/en.json';
import type { Type } from './type';

const env = new Env({ objects: [], variables: [{ id: 'amount', name: 'amount', type: { kind: 'decimal' } }] });
const texts = i18next.createInstance();

beforeAll(async () => {
  await texts.use(initReactI18next).init({ lng: 'en', resources: { en: { expr: en } }, interpolation: { escapeValue: false } });
});

function Edited({ start, vars, expectedType }: { start: string; vars?: Variables | undefined; expectedType?: Type | undefined }) {
  const [value, setValue] = useState(start);
  return (
    <I18nextProvider i18n={texts}>
      <ExpressionEditor value={value} onChange={setValue} env={env} vars={vars} label="Amount" expectedType={expectedType} />
    </I18nextProvider>
  );
}

it.each<{ text: string; vars?: Variables; expected?: Type; says: string }>([
  { text: 'amount * 2', vars: { amount: 12n }, says: '24decimal' },
  { text: 'amount * 2', says: 'decimal' },
  { text: 'amount', vars: {}, says: 'emptydecimal' },
  { text: 'amount * 2', vars: {}, says: '* cannot be applied to null and intdecimal' },
  { text: 'amonut', vars: {}, says: 'unknown name `amonut`, did you mean `amount`?' },
  { text: 'amount ==\namonut', vars: {}, says: '2:1: unknown name `amonut`, did you mean `amount`?' },
  { text: 'amount == 1', vars: { amount: 1n }, says: 'truebool' },
  { text: 'amount', vars: {}, expected: { kind: 'bool' }, says: 'bool is needed here, this is decimal' },
  { text: '1', vars: {}, expected: { kind: 'decimal' }, says: '1int' },
  { text: '', vars: {}, says: en.empty },
])('$text says $says', async ({ text, vars, expected, says }) => {
  render(<Edited start={text} vars={vars} expectedType={expected} />);
  expect(screen.getByRole('status').textContent).toBe(says);
  const field = await screen.findByLabelText('Amount');
  expect(field.getAttribute('aria-describedby')).toBe(screen.getByRole('status').id);
});

it('loads the editor in the place of the plain field', async () => {
  render(<Edited start="amount" vars={{}} />);
  await waitFor(() => expect(document.querySelector('.cm-content')?.textContent).toBe('amount'), { timeout: 5000 });
  expect(document.querySelector('textarea')).toBeNull();
});

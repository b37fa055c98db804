import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Field } from '@/api';
import { Decimal } from '@/values/decimal';
import { Problem } from '../input/check';
import { readInteger, readNumber, writeNumber } from '../input/numbers';
import { show } from '../input/testing';
import { control } from '.';

const total: Field = { name: 'total', title: 'Total', type: 'FIELD_TYPE_NUMBER', number: { min: '0', max: '99999999999999999999.99', precision: 2 } };
const year: Field = { name: 'year', title: 'Year', type: 'FIELD_TYPE_INTEGER', integer: { min: '1886', max: '2100' } };

async function type(text: string) {
  const input = screen.getByRole<HTMLInputElement>('textbox');
  await userEvent.clear(input);
  await userEvent.type(input, text);
  await userEvent.tab();
  return input;
}

it('keeps every digit', async () => {
  const { sent } = await show({ controls: [control], fields: [total] });
  const input = await type('12345678901234567890.10');
  expect(sent()).toEqual({ total: '12345678901234567890.1' });
  expect(input.value).toBe('12345678901234567890.10');
});

it('shows what is typed while it is typed, and the digits of the field after', async () => {
  const { sent } = await show({ controls: [control], fields: [total], language: 'de' });
  const input = screen.getByRole<HTMLInputElement>('textbox');
  await userEvent.type(input, '7,');
  expect(input.value).toBe('7,');
  expect(sent()).toEqual({ total: '7' });
  await userEvent.tab();
  expect(input.value).toBe('7,00');
});

it('clearing gives null', async () => {
  const { sent } = await show({ controls: [control], fields: [total], entry: { total: '3.5' } });
  await userEvent.clear(screen.getByRole('textbox'));
  expect(sent()).toEqual({ total: null });
});

it('keeps invalid text, says so, and never sends the number before it', async () => {
  const { sent } = await show({ controls: [control], fields: [total], entry: { total: '12' } });
  const input = screen.getByRole<HTMLInputElement>('textbox');
  await userEvent.type(input, 'x');
  await userEvent.tab();
  expect(input.value).toBe('12.00x');
  expect(screen.getByText('This is not a number such as 1234.5.')).toBeTruthy();
  expect(sent()).toEqual({ total: { unread: '12.00x' } });
});

it.each([
  ['-0.01', 'At least 0 is expected.'],
  ['100000000000000000000', 'At most 99999999999999999999.99 is allowed.'],
  ['1.234', 'At most 2 digits after the point are allowed.'],
  ['1'.repeat(40), 'This number has too many digits.'],
])('%s: %s', async (text, message) => {
  await show({ controls: [control], fields: [total] });
  await type(text);
  expect(screen.getByText(message)).toBeTruthy();
});

it.each([
  ['1885', 'At least 1886 is expected.'],
  ['2020.5', 'This is not a whole number.'],
  ['9223372036854775808', 'This number has too many digits.'],
])('an integer %s: %s', async (text, message) => {
  await show({ controls: [control], fields: [year] });
  await type(text);
  expect(screen.getByText(message)).toBeTruthy();
});

it('sends an integer as one', async () => {
  const { sent } = await show({ controls: [control], fields: [year] });
  await type('2,024');
  expect(sent()).toEqual({ year: 2024 });
});

describe('separators', () => {
  it.each([
    ['1,234,567.5', 'en', '1234567.5'],
    ['1.234.567,5', 'de', '1234567.5'],
    ['.5', 'en', '0.5'],
    ['−3', 'en', '-3'],
    [' 12 ', 'de', '12'],
  ])('%s in %s is %s', (text, language, want) => {
    const value = readNumber(text, language);
    expect(value instanceof Decimal && value.toString()).toBe(want);
  });

  it.each([
    ['1.5', 'de'],
    ['1,5', 'en'],
    ['1,23,456', 'en'],
    ['1234,567', 'en'],
    ['1.2,3', 'en'],
    ['1e3', 'en'],
    ['0x10', 'en'],
    ['-', 'en'],
    ['١٢', 'en'],
  ])('%s in %s is refused', (text, language) => {
    expect(readNumber(text, language)).toBeInstanceOf(Problem);
    expect(readInteger(text, language)).toBeInstanceOf(Problem);
  });

  it('rounds nothing away', () => {
    expect(writeNumber(Decimal.parse('1.239') ?? null, 'de', 2)).toBe('1,239');
  });
});

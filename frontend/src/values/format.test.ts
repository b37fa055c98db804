import { expect, it } from 'vitest';
import { Decimal } from './decimal';
import { formatValue } from './format';
import { Day, type Value } from './value';

it.each<[Value | undefined, string, string]>([
  [Decimal.parse('1234567.5') ?? null, 'en', '1,234,567.5'],
  [Decimal.parse('1234567.5') ?? null, 'de', '1.234.567,5'],
  [Decimal.parse('-0.25') ?? null, 'en', '-0.25'],
  [Decimal.parse('12345678901234567890.12') ?? null, 'en', '12,345,678,901,234,567,890.12'],
  [1200n, 'de', '1.200'],
  [new Day('2026-01-31'), 'en', 'Jan 31, 2026'],
  [new Day('2026-01-31'), 'de', '31.01.2026'],
  [null, 'en', ''],
  [undefined, 'en', ''],
])('%s in %s is %s', (value, language, want) => {
  expect(formatValue(value, language)).toBe(want);
});

it('shows an enumeration by its label and a number with the digits of its field', () => {
  const state = { integer: { options: [{ value: '2', label: 'Rejected' }] } };
  expect(formatValue(2n, 'en', state)).toBe('Rejected');
  expect(formatValue(Decimal.parse('7') ?? null, 'en', { number: { precision: 2 } })).toBe('7.00');
});

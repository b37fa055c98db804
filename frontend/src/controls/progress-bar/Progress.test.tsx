import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Decimal } from '@/values/decimal';
import { show } from '../input/testing';
import { partOf } from './part';
import { control } from '.';

it('shows how far a field has come', async () => {
  await show({ controls: [control], fields: [{ name: 'done', title: 'Done', type: 'FIELD_TYPE_NUMBER' }], entry: { done: '12.5' }, props: { max: 50 } });
  expect(screen.getByRole('progressbar', { name: 'Done' }).getAttribute('aria-valuenow')).toBe('25');
  expect(screen.getByText('25%')).toBeTruthy();
});

it('shows that it goes on', async () => {
  await show({ controls: [control], props: { determinate: false, label: 'Import' } });
  expect(screen.getByRole('progressbar', { name: 'Import' }).hasAttribute('aria-valuenow')).toBe(false);
});

it.each([
  [5, 0, 10, 0.5],
  [5n, 0n, 10n, 0.5],
  [Decimal.parse('-1') ?? null, 0, 10, 0],
  [11, 0, 10, 1],
  [null, 0, 10, undefined],
  ['5', 0, 10, undefined],
  [5, 10, 10, undefined],
])('%s between %s and %s is %s', (value, min, max, want) => {
  expect(partOf(value, min, max)).toBe(want);
});

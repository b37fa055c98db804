import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { Field } from '@/api';
import { show } from '../input/testing';
import { control as toggle } from '../switch';
import { control } from '.';

const sold: Field = { name: 'sold', title: 'Sold', type: 'FIELD_TYPE_BOOLEAN' };

it.each([
  [control, 'checkbox'],
  [toggle, 'switch'],
] as const)('$0.type: says yes and no', async (one, role) => {
  const { sent, fail } = await show({ controls: [one], fields: [sold], props: { help: 'as seen' } });
  const input = screen.getByRole<HTMLInputElement>(role, { name: 'Sold', description: 'as seen' });
  expect(sent()).toEqual({});
  await userEvent.click(input);
  expect([input.checked, sent()]).toEqual([true, { sold: true }]);
  await userEvent.click(screen.getByText('Sold'));
  expect([input.checked, sent()]).toEqual([false, { sold: false }]);
  fail('fields.sold', 'not yet');
  expect(screen.getByRole(role, { description: 'not yet' }).getAttribute('aria-invalid')).toBe('true');
});

it.each([control, toggle])('$type: does nothing when disabled', async (one) => {
  const { sent } = await show({ controls: [one], fields: [sold], props: { disabled: true } });
  await userEvent.click(screen.getByText('Sold'));
  expect(sent()).toEqual({});
});

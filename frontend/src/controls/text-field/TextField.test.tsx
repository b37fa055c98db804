import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { Field } from '@/api';
import { control as textArea } from '../text-area';
import { control as password } from '../password';
import { show } from '../input/testing';
import { control } from '.';

const field: Field = { name: 'title', title: 'Title', type: 'FIELD_TYPE_STRING', required: true, string: { minLength: 2, maxLength: 5 } };

it.each([control, textArea])('$type: typing sets the value, clearing makes it null', async (one) => {
  const { sent } = await show({ controls: [one], fields: [field] });
  const input = screen.getByRole('textbox', { name: /^Title/ });
  await userEvent.type(input, 'Zoë');
  expect(sent()).toEqual({ title: 'Zoë' });
  await userEvent.clear(input);
  expect(sent()).toEqual({ title: null });
});

it('says what is wrong once it has been left, and no longer when it is mended', async () => {
  const { container } = await show({ controls: [control], fields: [field] });
  const input = screen.getByRole('textbox');
  await userEvent.type(input, 'a');
  expect(container.textContent).not.toContain('At least');
  await userEvent.tab();
  expect(screen.getByText('At least 2 characters are needed.')).toBeTruthy();
  expect(input.getAttribute('aria-invalid')).toBe('true');
  await userEvent.type(input, '𝒷cdef');
  expect(screen.getByText('At most 5 characters are allowed.')).toBeTruthy();
  await userEvent.type(input, '{Backspace}');
  expect(input.getAttribute('aria-invalid')).toBe('false');
  await userEvent.clear(input);
  expect(screen.getByText('This field is required.')).toBeTruthy();
});

it('shows what the server says until the value changes', async () => {
  const { fail } = await show({ controls: [control], fields: [field], entry: { title: 'abc' } });
  fail('fields.title', 'there is one of this title');
  const input = screen.getByRole<HTMLInputElement>('textbox', { description: 'there is one of this title' });
  expect(input.value).toBe('abc');
  await userEvent.type(input, 'd');
  expect(screen.queryByText('there is one of this title')).toBeNull();
});

it('takes a label of its own, marks what is required, and can be disabled', async () => {
  await show({ controls: [control], fields: [field], props: { label: 'Heading', disabled: true } });
  const input = screen.getByRole<HTMLInputElement>('textbox', { name: /^Heading/ });
  expect(input.required).toBe(true);
  expect(input.disabled).toBe(true);
});

it('is disabled and says so when it is bound to no field', async () => {
  await show({ controls: [control] });
  const input = screen.getByRole<HTMLInputElement>('textbox', { name: 'node', description: 'Bound to no field yet.' });
  expect(input.disabled).toBe(true);
});

it('does nothing on the canvas', async () => {
  const { sent } = await show({ controls: [control], fields: [field], mode: 'edit' });
  await userEvent.type(screen.getByRole('textbox'), 'x');
  expect(sent()).toEqual({});
});

it('refuses an address that is none, and scripts', async () => {
  await show({ controls: [control], fields: [{ name: 'site', type: 'FIELD_TYPE_URI' }], language: 'de' });
  const input = screen.getByRole('textbox', { name: 'site' });
  for (const text of ['example', 'javascript:alert(1)']) {
    await userEvent.clear(input);
    await userEvent.type(input, text);
    await userEvent.tab();
    expect(screen.getByText('Das ist keine Adresse wie https://example.com/seite.')).toBeTruthy();
  }
});

it('password: hides what is typed until it is asked to show it', async () => {
  const { sent } = await show({ controls: [password], fields: [{ name: 'secret', title: 'Secret', type: 'FIELD_TYPE_STRING' }] });
  const input = screen.getByLabelText<HTMLInputElement>('Secret');
  await userEvent.type(input, 'hush');
  expect(input.type).toBe('password');
  await userEvent.click(screen.getByRole('button', { name: 'Show password' }));
  expect(input.type).toBe('text');
  expect(sent()).toEqual({ secret: 'hush' });
});

import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { show } from '../input/testing';
import { addressOf } from './address';
import { control } from '.';

it('leads to the address of a field, in a tab that cannot reach this one', async () => {
  await show({ controls: [control], fields: [{ name: 'site', type: 'FIELD_TYPE_URI' }], entry: { site: 'https://example.com/a' } });
  const link = screen.getByRole('link', { name: 'https://example.com/a' });
  expect([link.getAttribute('href'), link.getAttribute('target'), link.getAttribute('rel')]).toEqual([
    'https://example.com/a',
    '_blank',
    'noopener noreferrer',
  ]);
});

it('shows a script as text', async () => {
  await show({ controls: [control], props: { href: 'javascript:alert(1)', text: 'Click' } });
  expect(screen.queryByRole('link')).toBeNull();
  expect(screen.getByText('Click')).toBeTruthy();
});

it.each([
  ['https://example.com', 'https://example.com/'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['tel:+491234', 'tel:+491234'],
  ['/work/invoice', '/work/invoice'],
  [' JAVASCRIPT:alert(1)', undefined],
  ['java\tscript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['//evil.test', undefined],
  ['/\\evil.test', undefined],
  ['example.com', undefined],
  ['', undefined],
])('%j is %j', (text, want) => {
  expect(addressOf(text)).toBe(want);
});

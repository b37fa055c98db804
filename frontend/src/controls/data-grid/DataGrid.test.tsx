import { act, configure, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { RowEvaluator } from '@/renderer/place';
import type { JsonObject } from '@/values/json';
import { answering, show } from '../input/testing';
import { control } from '.';

const model = {
  fields: [
    { name: 'brand', title: 'Brand', type: 'FIELD_TYPE_STRING' },
    { name: 'price', title: 'Price', type: 'FIELD_TYPE_NUMBER', number: { precision: 2 } },
    { name: 'owner', title: 'Owner', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'person' } },
  ],
};
const cars = [
  { id: 'c1', fields: { brand: 'Saab', price: '1234567890123456789.50', owner: 'p1' } },
  { id: 'c2', fields: { brand: '<img src=x onerror=alert(1)>', price: null } },
];
const columns = [
  { field: 'brand', sortable: true, filterable: true },
  { field: 'price', header: 'Costs', sortable: true },
  { field: 'owner' },
];

let asked: URLSearchParams[];

configure({ asyncUtilTimeout: 10_000 }); // the grid takes a while to draw itself on a busy machine
beforeAll(() => import('./Grid'), 30_000); // it is loaded when it is first shown

beforeEach(() => {
  asked = [];
  vi.stubGlobal(
    'fetch',
    answering((url) => {
      if (url.pathname === '/v1/published/components') {
        return { components: [{ id: 'car', model }, { id: 'person', model: { fields: [{ name: 'called', type: 'FIELD_TYPE_STRING' }] } }, { id: 'note', model: { fields: [{ name: 'title', type: 'FIELD_TYPE_STRING' }, { name: 'text', type: 'FIELD_TYPE_STRING', searchable: true }] } }] };
      }
      if (url.pathname === '/v1/components/person/entries') return { entries: [{ id: 'p1', name: 'Mara', fields: {} }] };
      if (url.pathname === '/v1/components/empty/entries') return { entries: [], totalSize: '0' };
      asked.push(url.searchParams);
      const next = url.searchParams.get('pageToken') === 'two';
      return { entries: next ? [{ id: 'c3', fields: { brand: 'Volvo' } }] : cars, nextPageToken: next ? '' : 'two', totalSize: '21' };
    }),
  );
});

function grid(props: JsonObject = {}, dispatch = vi.fn(() => Promise.resolve())) {
  return show({ controls: [control], props: { component: 'car', columns, ...props }, dispatch });
}

it('shows rows by the model, what references lead to, and hostile text as text', async () => {
  const { container } = await grid({ filter: 'sold != true', pageSize: 20 });
  expect(await screen.findByText('1,234,567,890,123,456,789.50')).toBeTruthy();
  expect(await screen.findByText('Mara')).toBeTruthy();
  expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeTruthy();
  expect(container.querySelector('img')).toBeNull();
  expect(screen.getByRole('columnheader', { name: 'Costs' })).toBeTruthy();
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({ filter: 'sold != true', pageSize: '20', count: 'true' });
}, 20_000);

it('lets the server order, search and turn pages', async () => {
  await grid();
  await screen.findByText('Saab');
  fireEvent.click(screen.getByRole('columnheader', { name: 'Brand' }));
  await waitFor(() => expect(asked.at(-1)?.get('orderBy')).toBe('brand'));
  fireEvent.change(screen.getByLabelText('Search'), { target: { value: 'Vol"v' } });
  await waitFor(() => expect(asked.at(-1)?.get('filter')).toBe('(entry.brand != null && entry.brand.lowerAscii().contains("vol\\"v"))'));
  await screen.findByText('1–20 of 21');
  fireEvent.click(screen.getByRole('button', { name: 'Go to next page' }));
  expect(await screen.findByText('Volvo')).toBeTruthy();
  expect(asked.at(-1)?.get('pageToken')).toBe('two');
  expect(screen.getByText('21–21 of 21')).toBeTruthy();
}, 20_000);

it('searches fields that were chosen for it by words', async () => {
  await grid({ component: 'note', columns: [{ field: 'title' }], filter: 'open == true' });
  await screen.findByText('1–20 of 21');
  fireEvent.change(screen.getByLabelText('Search'), { target: { value: 'two words' } });
  await waitFor(() => expect(asked.at(-1)?.get('search')).toBe('two words'));
  expect(asked.at(-1)?.get('filter')).toBe('open == true');
}, 20_000);

it('names the bar that says that rows are on their way', async () => {
  await grid();
  await screen.findByText('Saab');
  vi.stubGlobal('fetch', () => new Promise<Response>(() => undefined));
  fireEvent.click(screen.getByRole('columnheader', { name: 'Brand' }));
  expect(await screen.findByRole('progressbar', { name: 'Loading' })).toBeTruthy();
}, 20_000);

it('hands the record to the action of a row, and adds', async () => {
  const dispatch = vi.fn(() => Promise.resolve());
  const rowAction = { type: 'edit-record', page: 'edit' };
  await grid({ rowAction, addButton: { page: 'add' } }, dispatch);
  fireEvent.click(await screen.findByText('Saab'));
  expect(dispatch).toHaveBeenCalledWith(rowAction, 'node', expect.objectContaining({ id: 'c1', brand: 'Saab' }));
  await waitFor(() => expect(screen.getByRole('button', { name: 'Add' })).toHaveProperty('disabled', false));
  await userEvent.click(screen.getByRole('button', { name: 'Add' }));
  expect(dispatch).toHaveBeenLastCalledWith({ type: 'add-record', page: 'add' }, 'node', undefined);
}, 20_000);

it('runs a command about its row, after a question when it deletes', async () => {
  const dispatch = vi.fn(() => Promise.resolve());
  await grid({ columns: [...columns, { header: '', command: { label: 'Remove', icon: 'delete', action: { type: 'delete-record' } } }] }, dispatch);
  const [first] = await screen.findAllByRole('button', { name: 'Remove' });
  if (first !== undefined) await userEvent.click(first);
  expect(dispatch).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
  expect(dispatch).toHaveBeenCalledWith({ type: 'delete-record' }, 'node', expect.objectContaining({ id: 'c1' }));
}, 20_000);

it('offers a command only for rows that it is for, by an expression about the row', async () => {
  let sold: unknown = 'c1';
  const cells = new Set<() => void>();
  const rows: RowEvaluator = {
    about: (text, { component, record }) =>
      text === 'item.sold' && component === 'car' ? { ok: true, value: record.id !== sold } : { ok: false, problem: 'unknown' },
    watch: (listener) => {
      cells.add(listener);
      return () => void cells.delete(listener);
    },
  };
  const dispatch = vi.fn(() => Promise.resolve());
  const command = (label: string, text: string) => ({ header: '', command: { label, action: { type: 'edit-record', page: 'sell' }, enabled: { $expr: text } } });
  await show({
    controls: [control], props: { component: 'car', columns: [...columns, command('Sell', 'item.sold'), command('Break', 'item.nothing')] }, dispatch, place: { component: 'person', entry: undefined, rows },
  });
  const [first, second] = await screen.findAllByRole<HTMLButtonElement>('button', { name: 'Sell' });
  expect([first?.disabled, second?.disabled]).toEqual([true, false]);
  if (second !== undefined) await userEvent.click(second);
  expect(dispatch).toHaveBeenCalledWith({ type: 'edit-record', page: 'sell' }, 'node', expect.objectContaining({ id: 'c2' }));
  // What cannot be answered is for no row.
  expect(screen.getAllByRole<HTMLButtonElement>('button', { name: 'Break' }).every((one) => one.disabled)).toBe(true);
  sold = undefined;
  act(() => cells.forEach((tell) => tell()));
  await waitFor(() => expect(screen.getAllByRole<HTMLButtonElement>('button', { name: 'Sell' })[0]?.disabled).toBe(false));
}, 20_000);

it('says that there is nothing', async () => {
  await grid({ component: 'empty', emptyText: 'No cars' });
  expect(await screen.findByText('No cars')).toBeTruthy();
}, 20_000);

it.each([
  ['edit', 0, 'Publish the component to see data'],
  ['run', 1, 'Nothing here yet'],
] as const)('says in mode %s how often that nothing is published: %i', async (mode, alerts, empty) => {
  const error = { code: 404, reason: 'NOTHING_PUBLISHED', message: 'nothing is published yet', violations: [] };
  vi.stubGlobal(
    'fetch',
    answering((url) =>
      url.pathname === '/v1/published/components' ? { components: [] } : Response.json({ error }, { status: 404 }),
    ),
  );
  await show({ controls: [control], props: { component: 'car', columns }, mode });
  await screen.findByText(empty);
  expect(screen.queryAllByText('nothing is published yet')).toHaveLength(alerts);
  expect(screen.getByText('0–0 of 0')).toBeTruthy();
}, 20_000);

it('shows the columns of a draft while a page is made, over the rows that are live', async () => {
  vi.stubGlobal(
    'fetch',
    answering((url) => {
      if (url.pathname === '/v1/published/components') return { components: [{ id: 'car', model }] };
      // The brand is a number in the draft, and there is one more field.
      if (url.pathname === '/v1/components/car') {
        return { id: 'car', model: { fields: [{ name: 'brand', title: 'Make', type: 'FIELD_TYPE_INTEGER' }, { name: 'colour', title: 'Colour', type: 'FIELD_TYPE_STRING' }] } };
      }
      return { entries: cars, totalSize: '2' };
    }),
  );
  await show({ controls: [control], props: { component: 'car', columns: [] }, mode: 'edit' });
  expect(await screen.findByText('Saab')).toBeTruthy();
  expect(screen.getAllByRole('columnheader').map((one) => one.textContent)).toEqual(['Make', 'Colour']);
}, 20_000);

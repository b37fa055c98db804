import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Entry, Field } from '@/api';
import { filterFor } from '../input/entries';
import { answering, show } from '../input/testing';
import { control as multiselect } from '../multiselect';
import { control as radio } from '../radio-button';
import { control } from '.';

const state: Field = {
  name: 'state',
  title: 'State',
  type: 'FIELD_TYPE_INTEGER',
  integer: { options: [{ label: 'Under Review' }, { value: '1', label: 'Accepted' }, { value: '2', label: 'Rejected' }] },
};

afterEach(() => vi.unstubAllGlobals());

describe('of an enumeration', () => {
  it('sets the number of the choice, zero as well, and null for none', async () => {
    const { sent } = await show({ controls: [control], fields: [state], entry: { state: 2 } });
    const box = screen.getByRole('combobox', { name: 'State' });
    expect(box.textContent).toBe('Rejected');
    await userEvent.click(box);
    await userEvent.click(screen.getByRole('option', { name: 'Under Review' }));
    expect(sent()).toEqual({ state: 0 });
    await userEvent.click(box);
    await userEvent.click(screen.getByRole('option', { name: 'None' }));
    expect(sent()).toEqual({ state: null });
  });

  it('a required one has no choice of none, and says when it is left empty', async () => {
    await show({ controls: [control], fields: [{ ...state, required: true }] });
    const box = screen.getByRole('combobox', { name: /State/ });
    await userEvent.click(box);
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['Under Review', 'Accepted', 'Rejected']);
    await userEvent.keyboard('{Escape}');
    await userEvent.tab();
    await waitFor(() => expect(screen.getByText('This field is required.')).toBeTruthy());
  });

  it('shows a value that is no choice any more', async () => {
    const { sent } = await show({ controls: [control], fields: [state], entry: { state: 9 } });
    expect(screen.getByRole('combobox').textContent).toBe('9');
    expect(sent()).toEqual({ state: 9 });
  });

  it('as radio buttons: chosen and cleared', async () => {
    const { sent, fail } = await show({ controls: [radio], fields: [state] });
    await userEvent.click(screen.getByRole('radio', { name: 'Accepted' }));
    expect(sent()).toEqual({ state: 1 });
    fail('fields.state', 'not allowed now');
    expect(screen.getByRole('radiogroup', { name: 'State', description: 'not allowed now' })).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(sent()).toEqual({ state: null });
    expect(screen.queryByText('not allowed now')).toBeNull();
  });
});

const manager: Field = { name: 'manager', title: 'Manager', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'people' } };
const team: Field = { name: 'team', title: 'Team', type: 'FIELD_TYPE_ARRAY', array: { component: 'people' } };
const people: readonly Entry[] = Array.from({ length: 30 }, (_, i) => ({ id: `p${i}`, name: `Person ${i}`, fields: { full: `Person ${i}`, pin: `K${i}` } }));
const model = {
  fields: [
    { name: 'full', type: 'FIELD_TYPE_STRING', isName: true, isTitle: true },
    { name: 'pin', type: 'FIELD_TYPE_STRING', primaryKey: true },
    { name: 'secret', type: 'FIELD_TYPE_STRING', primaryKey: true, sensitive: true },
  ],
};

/** A server with thirty people in two pages, who are found by name. */
function serve() {
  const asked: URL[] = [];
  const answer = answering((url) => {
    if (!url.pathname.includes('/entries')) return { components: [{ id: 'people', model }] };
    asked.push(url);
    const id = /entries\/(\w+)$/.exec(url.pathname)?.[1];
    if (id !== undefined) return people.find((entry) => entry.id === id) ?? Response.json({ error: { reason: 'ENTRY_NOT_FOUND' } }, { status: 404 });
    const wanted = /contains\("([^"]*)"\)/.exec(url.searchParams.get('filter') ?? '')?.[1] ?? '';
    const found = people.filter((entry) => entry.name?.toLowerCase().includes(wanted));
    const from = Number(url.searchParams.get('pageToken') ?? 0);
    return { entries: found.slice(from, from + 25), ...(found.length > from + 25 && { nextPageToken: String(from + 25) }) };
  });
  vi.stubGlobal('fetch', vi.fn(answer));
  return asked;
}

describe('of entries', () => {
  it('asks nothing before it is opened, then for what is typed', async () => {
    const asked = serve();
    const { sent } = await show({ controls: [control], fields: [manager] });
    expect(asked).toEqual([]);
    const box = screen.getByRole('combobox', { name: 'Manager' });
    await userEvent.type(box, 'PERSON 29');
    await userEvent.click(await screen.findByRole('option', { name: 'Person 29 · K29' }));
    expect(sent()).toEqual({ manager: 'p29' });
    expect(asked.at(-1)?.pathname).toMatch(/^\/v1\/components\/people\/entries/);
    await waitFor(() => expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('Person 29 · K29'));
    await userEvent.clear(box);
    expect(sent()).toEqual({ manager: null });
  });

  it('fetches more when the end is reached by keyboard', async () => {
    serve();
    const { sent } = await show({ controls: [control], fields: [manager] });
    await userEvent.click(screen.getByRole('combobox'));
    expect(await screen.findAllByRole('option')).toHaveLength(25);
    await userEvent.keyboard('{ArrowUp}');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(30));
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(sent()).toEqual({ manager: 'p25' });
    expect(screen.queryByRole('option')).toBeNull();
  });

  it('shows who is chosen by name, and one that may not be seen as such', async () => {
    serve();
    const { unmount } = await show({ controls: [control], fields: [manager], entry: { manager: 'p3' } });
    await waitFor(() => expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('Person 3 · K3'));
    unmount();
    await show({ controls: [control], fields: [manager], entry: { manager: 'gone' } });
    await waitFor(() => expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('Entry that cannot be shown'));
  });

  it('says that the list could not be loaded', async () => {
    vi.stubGlobal('fetch', vi.fn(answering(() => Response.json({ error: { reason: 'PERMISSION_DENIED' } }, { status: 403 }))));
    await show({ controls: [control], fields: [manager] });
    await userEvent.click(screen.getByRole('combobox'));
    expect(await screen.findByText('The list could not be loaded.')).toBeTruthy();
  });

  it('several: added and taken away', async () => {
    serve();
    const { sent } = await show({ controls: [multiselect], fields: [team], entry: { team: ['p1'] } });
    expect(await screen.findByText('Person 1 · K1')).toBeTruthy();
    await userEvent.click(screen.getByRole('combobox', { name: 'Team' }));
    await userEvent.click(await screen.findByRole('option', { name: 'Person 2 · K2' }));
    expect(sent()).toEqual({ team: ['p1', 'p2'] });
    const chip = (await screen.findByText('Person 1 · K1', { selector: '.MuiChip-label' })).parentElement;
    fireEvent.click(within(chip as HTMLElement).getByTestId('CancelIcon'));
    expect(sent()).toEqual({ team: ['p2'] });
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(sent()).toEqual({ team: null });
  });

  it('quotes what is typed and looks where entries can be known by', () => {
    expect(filterFor(' A"); true || ("\\ ', [])).toBe('(entry.name != null && entry.name.lowerAscii().contains("a\\"); true || (\\"\\\\"))');
    expect(filterFor('x', ['pin'])).toBe(
      '(entry.name != null && entry.name.lowerAscii().contains("x")) || (entry.pin != null && entry.pin.lowerAscii().contains("x"))',
    );
    expect(filterFor(' ', ['pin'])).toBe('');
  });
});

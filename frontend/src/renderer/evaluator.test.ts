import { expect, it, vi } from 'vitest';
import type { Field } from '@/api';
import { Decimal } from '@/values/decimal';
import { Reference, type ValueMap } from '@/values/value';
import { type Entries, PageEvaluator } from './evaluator';
import { EntryForm } from './form';

const car: readonly Field[] = [
  { name: 'brand', type: 'FIELD_TYPE_STRING' },
  { name: 'price', type: 'FIELD_TYPE_NUMBER' },
  { name: 'manager', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'person' } },
];
const person: readonly Field[] = [{ name: 'called', type: 'FIELD_TYPE_STRING' }];

/** Entries that come when they are asked for. */
function people(all: Readonly<Record<string, ValueMap>>): Entries & { loaded: string[] } {
  const known = new Map<string, ValueMap | null>();
  const listeners = new Set<() => void>();
  const loaded: string[] = [];
  return {
    loaded,
    find: (_, id) => known.get(id),
    version: () => known.size,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load: (_, id) => {
      loaded.push(id);
      known.set(id, all[id] ?? null);
      listeners.forEach((wake) => wake());
      return Promise.resolve();
    },
  };
}

function open(entry: Record<string, string>, entries = people({})) {
  const form = new EntryForm(car, entry);
  const objects = [
    { id: 'car', fields: car },
    { id: 'person', fields: person },
  ];
  const user = { id: 'u1', email: 'a@b.c', name: 'Ann', roles: ['admin'] };
  const evaluator = new PageEvaluator({ component: 'car', objects, form, system: { id: 'e1', name: 'x' }, user, params: { from: 'list' }, entries });
  return { form, evaluator };
}

it('sees the form, the entry, the user and the parameters', () => {
  const { evaluator } = open({ brand: 'Saab', price: '12.5' });
  const text = "entry.brand + ' ' + string(item.price) + ' ' + entry.id + ' ' + user.name + ' ' + params.from";
  expect(evaluator.evaluate(text)).toEqual({ ok: true, value: 'Saab 12.5 e1 Ann list' });
});

it('answers again when a field that is used changes, and only then', () => {
  const { form, evaluator } = open({ brand: 'Saab' });
  const heard = vi.fn();
  const end = evaluator.subscribe("entry.brand == 'Saab'", heard);
  form.write('price', Decimal.parse('1') ?? null);
  expect(heard).not.toHaveBeenCalled();
  form.write('brand', 'Volvo');
  expect(heard).toHaveBeenCalledTimes(1);
  expect(evaluator.evaluate("entry.brand == 'Saab'")).toEqual({ ok: true, value: false });
  end();
  form.write('brand', 'Saab');
  expect(heard).toHaveBeenCalledTimes(1);
});

it('gives the same answer as long as the value is the same', () => {
  const { form, evaluator } = open({ price: '1' });
  const first = evaluator.evaluate('entry.price + 1');
  form.write('brand', 'Saab');
  expect(evaluator.evaluate('entry.price + 1')).toBe(first);
});

it('answers about a row, and again when what it refers to is there', async () => {
  const { evaluator } = open({ brand: 'Saab' }, people({ p1: { called: 'Mara' } }));
  const row = { component: 'car', record: { id: 'c2', brand: 'Volvo', manager: new Reference('p1') } };
  expect(evaluator.about("item.brand == 'Volvo' && entry.brand == 'Saab'", row)).toEqual({ ok: true, value: true });
  expect(evaluator.about('item.nothing', row).ok).toBe(false);
  const heard = vi.fn();
  const end = evaluator.watch(heard);
  expect(evaluator.about('item.manager.called', row)).toEqual({ ok: true, value: null });
  await vi.waitFor(() => expect(heard).toHaveBeenCalled());
  expect(evaluator.about('item.manager.called', row)).toEqual({ ok: true, value: 'Mara' });
  end();
});

it('fetches what a reference leads to, and is null until it is there', async () => {
  const entries = people({ p1: { called: 'Mara' } });
  const { evaluator } = open({ manager: 'p1' }, entries);
  const heard = vi.fn();
  evaluator.subscribe('entry.manager.called', heard);
  expect(evaluator.evaluate('entry.manager.called')).toEqual({ ok: true, value: null });
  await vi.waitFor(() => expect(heard).toHaveBeenCalled());
  expect(evaluator.evaluate('entry.manager.called')).toEqual({ ok: true, value: 'Mara' });
  expect(entries.loaded).toEqual(['p1']);
});

it('resolves at once, about a row of another component too', async () => {
  const entries = people({ p1: { called: 'Mara' } });
  const { evaluator } = open({ brand: 'Saab', manager: 'p1' }, entries);
  const text = "entry.manager == null ? '' : entry.manager.called";
  expect(await evaluator.resolve(text)).toEqual({ ok: true, value: 'Mara' });
  const row = { component: 'person', record: { id: 'p2', called: 'Jo' } };
  expect(await evaluator.resolve("item.called + ' ' + item.id + ' ' + entry.brand", row)).toEqual({ ok: true, value: 'Jo p2 Saab' });
  expect(await evaluator.resolve('item.manager', { component: 'car', record: { manager: new Reference('p1') } })).toEqual({ ok: true, value: new Reference('p1') });
});

it('says what is wrong', async () => {
  const { evaluator } = open({});
  expect(evaluator.evaluate('entry.brandd')).toMatchObject({ ok: false, problem: expect.stringContaining('brandd') });
  expect(await evaluator.resolve('1 +')).toMatchObject({ ok: false });
  expect(await evaluator.resolve('entry.manager.called', { component: 'car', record: {} })).toEqual({ ok: true, value: null });
});

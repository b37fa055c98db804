import { describe, expect, it } from 'vitest';
import { offersAt } from './completion';
import { Env } from './env';
import { marksOf } from './outcome';
import type { Model } from './type';

const model: Model = {
  objects: [
    {
      id: 'order',
      name: 'Order',
      fields: [
        { id: 'f1', name: 'amount', type: { kind: 'decimal' } },
        { id: 'f2', name: 'invoice-no', type: { kind: 'text' } },
        { id: 'f3', name: 'customer', type: { kind: 'ref', component: 'customer' } },
        { id: 'f4', name: 'customers', type: { kind: 'list', elem: { kind: 'ref', component: 'customer' } } },
        { id: 'f5', name: 'due', type: { kind: 'date' } },
      ],
    },
    { id: 'customer', name: 'Customer', fields: [{ id: 'c1', name: 'name', type: { kind: 'text' } }] },
  ],
  variables: [{ id: 'entry', name: 'entry', type: { kind: 'ref', component: 'order' } }],
};

const env = new Env(model);

function offered(text: string): string[] {
  const at = text.indexOf('|');
  return (offersAt(env, text.replace('|', ''), at)?.offers ?? []).map((offer) => offer.text);
}

describe('what may stand at the cursor', () => {
  it.each([
    ['fields of a record', 'entry.|', ['amount', '`invoice-no`', 'customer', 'customers', 'due', 'id']],
    ['fields of a reference', 'entry.customer.na|', ['name', 'id']],
    ['fields within other text', "entry.amount > 1 && entry.customer.| != ''", ['name', 'id']],
    ['fields of a loop variable', 'entry.customers.exists(c, c.|', ['name', 'id']],
  ])('%s', (_, text, want) => {
    expect(offered(text)).toEqual(expect.arrayContaining(want));
  });

  it('methods that the type has', () => {
    expect(offered('entry.due.|')).toEqual(expect.arrayContaining(['addDays(', 'year()', 'weekday()']));
    expect(offered('entry.due.|')).not.toContain('trim()');
    expect(offered('entry.customers.|')).toEqual(expect.arrayContaining(['map(', 'filter(', 'size()']));
  });

  it('variables and functions', () => {
    expect(offered('en|')).toEqual(expect.arrayContaining(['entry', 'round(', 'today()', 'has(']));
    expect(offered('en|')).not.toContain('_+_');
    expect(offersAt(env, 'entry.am', 8)?.from).toBe(6);
  });

  it.each(["'entry.|", 'entry.nothing.|', 'entry|.', "entry.customer.name + 'a.|"])('nothing in %s', (text) => {
    expect(offered(text).filter((one) => one !== 'entry' && !one.includes('('))).toEqual([]);
  });
});

describe('what is underlined', () => {
  function marked(text: string): string[] {
    const compiled = env.compile(text);
    return compiled.ok ? [] : marksOf(text, compiled.problems).map(({ from, to }) => text.slice(from, to));
  }

  it.each([
    ['entry.amuont > 1', ['amuont']],
    ["'🙂' == entry.due && entry.amuont > 1", ['==', 'amuont']],
    ['entry.amount > 1 &&\n  entry.nope', ['nope']],
    ['amount > 1', ['amount']],
    ['entry.amount > ', [' ']],
    ['entry.amount >', ['>']],
  ])('%j', (text, want) => {
    expect(marked(text)).toEqual(want);
  });
});

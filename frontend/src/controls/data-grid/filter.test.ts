import { describe, expect, it } from 'vitest';
import { Env } from '@/expr/env';
import { pageModel } from '@/renderer/model';
import type { FieldKind } from '@/values/value';
import { allOf, conditionFilter, searchFilter } from './filter';

const env = new Env(
  pageModel('car', 'car', [
    {
      id: 'car',
      fields: [
        { name: 'brand', type: 'FIELD_TYPE_STRING' },
        { name: 'price', type: 'FIELD_TYPE_NUMBER' },
        { name: 'year', type: 'FIELD_TYPE_INTEGER' },
        { name: 'sold', type: 'FIELD_TYPE_BOOLEAN' },
        { name: 'built', type: 'FIELD_TYPE_DATE' },
        { name: 'due', type: 'FIELD_TYPE_DATETIME' },
        { name: 'owner', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'person' } },
      ],
    },
    { id: 'person', fields: [{ name: 'name', type: 'FIELD_TYPE_STRING' }] },
  ]),
);

function filter(field: string, kind: FieldKind, operator: string, value = ''): string {
  const text = conditionFilter({ field, kind, operator, value });
  if (text !== '') expect(env.compile(text), text).toMatchObject({ ok: true });
  return text;
}

describe('conditionFilter', () => {
  it.each([
    ['brand', 'string', 'contains', 'FORD', 'entry.brand.lowerAscii().contains("ford")'],
    ['brand', 'string', 'doesNotContain', 'x', '(entry.brand == null || !entry.brand.lowerAscii().contains("x"))'],
    ['brand', 'string', 'equals', 'Ford', 'entry.brand == "Ford"'],
    ['brand', 'string', 'isEmpty', '', '(entry.brand == null || entry.brand == "")'],
    ['price', 'number', '>=', '1000.50', 'entry.price >= 1000.5'],
    ['price', 'number', '<', '12,5', 'entry.price < 12.5'],
    ['year', 'integer', 'is', '3', 'entry.year == 3'],
    ['year', 'integer', '!=', '-1', 'entry.year != -1'],
    ['sold', 'boolean', 'is', 'true', 'entry.sold == true'],
    ['built', 'date', 'is', '2026-02-28', '(entry.built >= date("2026-02-28") && entry.built < date("2026-03-01"))'],
    ['built', 'date', 'after', '2026-12-31', 'entry.built >= date("2027-01-01")'],
    ['owner', 'catalog', 'startsWith', 'Ma', 'entry.owner.name.lowerAscii().startsWith("ma")'],
    ['owner', 'catalog', 'isEmpty', '', 'entry.owner == null'],
  ] as const)('asks of %s (%s) that it %s %s', (field, kind, operator, value, wanted) => {
    expect(filter(field, kind, operator, value)).toBe(wanted);
  });

  it('takes a day in the zone of the reader', () => {
    const start = `${new Date('2026-05-01T00:00:00').toISOString().slice(0, 19)}Z`;
    expect(filter('due', 'datetime', 'onOrAfter', '2026-05-01')).toBe(`entry.due >= datetime("${start}")`);
  });

  it.each(['" || true || "', '\\', '\n"); drop', '\u2028é"'])('keeps %j a text', (value) => {
    const text = filter('brand', 'string', 'equals', value);
    expect(text).toBe(`entry.brand == ${JSON.stringify(value)}`);
  });

  it.each([
    ['number', '>', '1 || true'],
    ['integer', '=', ''],
    ['boolean', 'is', 'maybe'],
    ['date', 'is', '2026-02-30'],
    ['string', 'contains', '  '],
    ['string', 'matches', 'x'],
  ] as const)('is nothing for %s %s %j', (kind, operator, value) => {
    expect(filter('brand', kind, operator, value)).toBe('');
  });
});

it('searches in several fields', () => {
  const text = searchFilter(
    [
      { field: 'brand', kind: 'string' },
      { field: 'owner', kind: 'catalog' },
    ],
    ' Ma"x ',
  );
  expect(env.compile(text)).toMatchObject({ ok: true });
  expect(text).toContain('entry.brand.lowerAscii().contains("ma\\"x")) || (entry.owner');
  expect(searchFilter([], 'x')).toBe('');
});

it('joins filters', () => {
  expect(allOf('', 'a == 1', ' ')).toBe('a == 1');
  expect(allOf('a || b', 'c')).toBe('(a || b) && (c)');
});

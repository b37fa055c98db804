import { expect, it } from 'vitest';
import { outcomeOf } from '@/expr/outcome';
import type { Type } from '@/expr/type';
import type { Json, JsonObject } from '@/values/json';
import { languagesOf, type Source } from './language';

const record = (fields: Record<string, Type>): Type => ({ kind: 'map', fields: Object.entries(fields).map(([name, type]) => ({ id: name, name, type })) });
const order: Source = { type: record({ total: { kind: 'decimal' }, lines: { kind: 'list', elem: record({ n: { kind: 'int' } }) } }), first: { total: '2.50', lines: [{ n: 3 }] } };
const customer: Source = { type: record({ name: { kind: 'text' } }), first: { name: 'Ada' } };
const objects = [{ id: 'invoice', name: 'invoice', fields: [{ id: 'f', name: 'paid', type: { kind: 'bool' } as Type }] }];

function result(kind: string, param: string, text: string, sources: readonly Source[] = [order, customer], params: JsonObject = {}, input: Json = { factor: 2 }) {
  const language = languagesOf({ kind, params, sources, objects, input, user: { id: 'u1', email: '', name: 'Eve', roles: [] } })(param);
  if (language === undefined) return undefined;
  const outcome = outcomeOf(language.env, text, undefined, language.vars);
  if (outcome.kind === 'problems') return outcome.problems[0]?.message;
  if (outcome.kind === 'value') return typeof outcome.value === 'object' ? String(outcome.value) : outcome.value;
  return 'type' in outcome ? outcome.type.kind : outcome.kind;
}

it('knows the item, the input and the user', () => {
  expect(result('transform-model', 'fields', 'item.total * 2')).toBe('5');
  expect(result('transform-model', 'fields', 'item.totla')).toContain('totla');
  expect(result('filter-source', 'condition', 'user.name == "Eve" && input.factor == 2')).toBe(true);
});

it('has only a type where there was no test, and takes anything where nothing is known', () => {
  expect(result('transform-model', 'fields', 'item.total * 2', [{ ...order, first: undefined }])).toBe('decimal');
  expect(result('transform-model', 'fields', 'item.anything', [{ type: { kind: 'any' }, first: { anything: 1 } }])).toBe('any');
  expect(result('transform-model', 'fields', 'item.anything', [])).toBe('any');
});

it('knows the sides of a join, each where it may stand', () => {
  expect(result('join-models', 'map', 'right.name + "!"')).toBe('Ada!');
  expect(result('join-models', 'leftKey', 'left.total')).toBe('2.5');
  expect(result('join-models', 'leftKey', 'right.name')).toContain('right');
  expect(result('join-models', 'map', 'item.total')).toContain('item');
});

it('knows elements of lists, fields of entries and rows of files', () => {
  expect(result('calculate-array', 'of', 'element.n + 1', [order], { path: 'lines' })).toBe(4n);
  expect(result('query-entity-by-filter', 'filter', 'paid && item.total > 1', [order], { component: 'invoice' })).toBe('bool');
  expect(result('import-file', 'fields', 'decimal(row.price) * line', [order])).toBe('decimal');
  expect(result('export-to-file', 'fileName', 'user.name + ".csv"', [])).toBe('Eve.csv');
});

it('is none where the model names a field twice', () => {
  const twice: Type = { kind: 'map', fields: ['a', 'a'].map((name) => ({ id: name, name, type: { kind: 'int' } })) };
  expect(result('transform-model', 'fields', 'item.a', [{ type: twice, first: undefined }])).toBeUndefined();
});

import { expect, it } from 'vitest';
import type { Type } from '@/expr/type';
import { columnsOf } from './columns';

const type: Type = { kind: 'map', fields: ['total', 'number', 'unused'].map((name) => ({ id: name, name, type: { kind: name === 'total' ? 'decimal' : 'text' } })) };

it('has what is known first, and nothing that no item has', () => {
  const columns = columnsOf([{ extra: 1, number: 'A' }, { total: '5' }], type);
  expect(columns.map((one) => [one.name, one.type.kind])).toEqual([['total', 'decimal'], ['number', 'text'], ['extra', 'any']]);
});

it('shows items that are no objects by themselves', () => {
  expect(columnsOf(['a', 2], { kind: 'any' })).toEqual([{ name: '', type: { kind: 'any' } }]);
});

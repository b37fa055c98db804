import { expect, it } from 'vitest';
import type { Type } from './type';
import { parseType } from './typeName';

const field = (name: string, type: Type) => ({ id: name, name, type });
const fields = [field('total', { kind: 'decimal' })];
const entry = (component: string) => (component === 'invoice' ? fields : undefined);

it.each<[string, Type]>([
  ['decimal', { kind: 'decimal' }],
  ['any', { kind: 'any' }],
  ['ref', { kind: 'ref' }],
  ['ref(car_fleet)', { kind: 'ref', component: 'car_fleet' }],
  ['list(list(text))', { kind: 'list', elem: { kind: 'list', elem: { kind: 'text' } } }],
  ['map(int)', { kind: 'map', elem: { kind: 'int' } }],
  ['object{}', { kind: 'map', fields: [] }],
  ['object{id: int, `Due date`: date}', { kind: 'map', fields: [field('id', { kind: 'int' }), field('Due date', { kind: 'date' })] }],
  ['list(object{line: object{price: decimal}})', { kind: 'list', elem: { kind: 'map', fields: [field('line', { kind: 'map', fields: [field('price', { kind: 'decimal' })] })] } }],
  ['entry(invoice)', { kind: 'map', fields }],
  ['object{customer: entry(gone)}', { kind: 'map', fields: [field('customer', { kind: 'map' })] }],
])('reads %s', (text, type) => {
  expect(parseType(text, entry)).toEqual(type);
});

it.each(['', 'decimals', 'list(', 'list(int', 'list(int))', 'object{a}', 'object{a: int', 'object{a int}', 'int(text)', 'ref()', `${'list('.repeat(70)}int${')'.repeat(70)}`])(
  'does not know %s',
  (text) => {
    expect(parseType(text, entry)).toBeUndefined();
  },
);

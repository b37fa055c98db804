import { expect, it } from 'vitest';
import { Decimal } from '@/values/decimal';
import { Day, Reference } from '@/values/value';
import { readAs } from './typed';
import { anyType, type Type } from './type';

const field = (name: string, type: Type) => ({ id: name, name, type });

it('reads values by their types', () => {
  const line: Type = { kind: 'map', fields: [field('price', { kind: 'decimal' })] };
  const type: Type = {
    kind: 'map',
    fields: [field('day', { kind: 'date' }), field('customer', { kind: 'ref', component: 'customer' }), field('lines', { kind: 'list', elem: line }), field('n', { kind: 'int' })],
  };
  expect(readAs({ day: '2026-01-31', customer: 'c1', lines: [{ price: '1.50' }], n: '12', other: 'x' }, type)).toEqual({
    day: new Day('2026-01-31'), customer: new Reference('c1'), lines: [{ price: Decimal.parse('1.50') }], n: 12n, other: 'x',
  });
});

it('reads what is unknown, absent or of another type as it is', () => {
  expect(readAs({ a: 1, b: null }, anyType)).toEqual({ a: 1n, b: null });
  expect(readAs(undefined, { kind: 'int' })).toBeNull();
  expect(readAs('soon', { kind: 'date' })).toBe('soon');
  expect(readAs({ a: '1' }, { kind: 'map', elem: { kind: 'decimal' } })).toEqual({ a: Decimal.parse('1') });
  expect(readAs({ id: 'c1', name: 'Ada' }, { kind: 'ref' })).toEqual({ id: 'c1', name: 'Ada' });
});

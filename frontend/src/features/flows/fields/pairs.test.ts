import { expect, it } from 'vitest';
import { addPairs, removePair, renamePair, setPair } from './pairs';

const pairs = { b: 1, a: 2 };

it('renames at its place, and never over another', () => {
  expect(Object.entries(renamePair(pairs, 'b', 'c'))).toEqual([['c', 1], ['a', 2]]);
  expect(renamePair(pairs, 'b', 'a')).toBe(pairs);
});

it('removes and adds what is missing', () => {
  expect(removePair(pairs, 'b')).toEqual({ a: 2 });
  expect(addPairs(pairs, ['a', 'c'], (name) => name.length)).toEqual({ b: 1, a: 2, c: 1 });
});

it('sets, and removes by undefined', () => {
  expect(setPair(pairs, 'b', 3)).toEqual({ b: 3, a: 2 });
  expect(setPair(pairs, 'b', undefined)).toEqual({ a: 2 });
});

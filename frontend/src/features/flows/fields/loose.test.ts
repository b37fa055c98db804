import { expect, it } from 'vitest';
import type { Json } from '@/values/json';
import { readLoose, writeLoose } from './loose';

it.each<[Json, string]>([
  ['${ input.total }', '${ input.total }'],
  ['PT15M', 'PT15M'],
  [5, '5'],
  ['5', '"5"'],
  ['true', '"true"'],
  [null, 'null'],
  ['', '""'],
  [' a ', '" a "'],
  ['{x', '"{x"'],
  [{ a: [1] }, '{\n  "a": [\n    1\n  ]\n}'],
])('writes %j as %s and reads it back', (value, text) => {
  expect(writeLoose(value)).toBe(text);
  expect(readLoose(text)).toEqual(value);
});

it('reads nothing as nothing and refuses half an object', () => {
  expect(readLoose('  ')).toBeUndefined();
  expect(() => readLoose('{"a":')).toThrow(SyntaxError);
});

import { expect, it } from 'vitest';
import { withAt } from './FlowFields';

it('sets a member at a path, and leaves no empty objects behind', () => {
  expect(withAt({ a: 1 }, ['b', 'c'], 2)).toEqual({ a: 1, b: { c: 2 } });
  expect(withAt({ a: 1, b: { c: 2 } }, ['b', 'c'], undefined)).toEqual({ a: 1 });
  expect(withAt({ a: 1, b: { c: 2, d: 3 } }, ['b', 'c'], undefined)).toEqual({ a: 1, b: { d: 3 } });
});

import { expect, it } from 'vitest';
import { actionsOf, refusedRows } from './answer';

it('opens a component at one of its pages', () => {
  const actions = actionsOf({ actions: [{ type: 'open-component', params: { component: 'managers_grid', page: 'managers', entry: 'e1' } }] });
  expect(actions).toEqual([
    { type: 'open-page', component: 'managers_grid', page: 'managers', params: { entry: 'e1' }, input: { entry: 'e1' } },
  ]);
});

it('leaves out what is no action', () => {
  expect(actionsOf({ actions: [{ type: 'format-disk' }, { type: 'open-page' }, { type: 'close' }] })).toMatchObject([{ type: 'close' }]);
  expect(actionsOf({})).toEqual([]);
});

it('counts the rows that were refused', () => {
  expect(refusedRows({ steps: [{ rowsFailed: '2' }, {}, { rowsFailed: '1' }] })).toBe(3);
});

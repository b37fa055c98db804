import { expect, it } from 'vitest';
import { changesSomething, ended, phaseOf, unconfirmed } from './state';

it('reads states', () => {
  expect(phaseOf({ state: 'PUBLICATION_STATE_EXPANDING' })).toBe('expanding');
  expect(phaseOf({})).toBe('pending');
  expect([ended({ state: 'PUBLICATION_STATE_CONTRACTING' }), ended({ state: 'PUBLICATION_STATE_FAILED' })]).toEqual([false, true]);
});

it('asks for every loss by its name', () => {
  const losses = [{ name: 'invoice.Total', rows: '3' }, { name: 'old', rows: '1' }];
  expect(unconfirmed(losses, {})).toEqual(losses);
  expect(unconfirmed(losses, { 'invoice.Total': ' invoice.Total ', old: 'Old' })).toEqual([losses[1]]);
});

it('knows when there is nothing to do', () => {
  expect(changesSomething({ components: [{ component: 'a', fromRevision: '3', toRevision: '3' }] })).toBe(false);
  expect(changesSomething({ components: [{ component: 'a', fromRevision: '0', toRevision: '3' }] })).toBe(true);
  expect(changesSomething({})).toBe(false);
});

import { expect, it } from 'vitest';
import { findSpecs } from './find';

const specs = [
  { type: 'deferred-update-entry', title: 'Deferred update entry', summary: 'Collects writes.' },
  { type: 'filter', title: 'Filter', summary: 'Keeps some items of an update entry.' },
  { type: 'update-entry', title: 'Update entry', summary: 'Stores items.' },
];

it.each([
  ['', ['deferred-update-entry', 'filter', 'update-entry']],
  ['Update entry', ['update-entry', 'deferred-update-entry', 'filter']],
  ['update-e', ['update-entry', 'deferred-update-entry']],
  ['entry upd', ['deferred-update-entry', 'update-entry', 'filter']],
  ['stores', ['update-entry']],
  ['nothing', []],
])('finds %j: %j', (typed, found) => {
  expect(findSpecs(specs, typed).map((spec) => spec.type)).toEqual(found);
});

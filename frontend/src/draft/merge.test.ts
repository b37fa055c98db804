import { expect, it } from 'vitest';
import type { Component } from '@/api';
import { merge, touched } from './merge';

const base: Component = {
  id: 'invoice',
  etag: '1',
  displayName: 'Invoice',
  model: { fields: [{ name: 'Total' }] },
  pages: [{ id: 'all', title: 'All' }, { id: 'one', title: 'One' }],
};

it('finds what a save must send', () => {
  expect(touched(base, { ...base, pages: [...(base.pages ?? [])], description: undefined })).toEqual([]);
  expect(touched(base, { ...base, description: 'x', model: {} })).toEqual(['description', 'model']);
});

it('takes in what the other one alone changed', () => {
  const mine: Component = { ...base, displayName: 'Bill', pages: [{ id: 'all', title: 'Mine' }, { id: 'one', title: 'One' }] };
  const theirs: Component = { ...base, etag: '2', pages: [{ id: 'all', title: 'All' }, { id: 'new' }], scripts: [{ id: 's' }] };
  const { doc, collisions, taken } = merge(base, mine, theirs);
  expect(collisions).toEqual([]);
  expect(taken.toSorted()).toEqual(['pages/new', 'pages/one', 'scripts/s']);
  expect(doc).toMatchObject({ etag: '2', displayName: 'Bill', pages: [{ id: 'all', title: 'Mine' }, { id: 'new' }], scripts: [{ id: 's' }] });
});

it('leaves a collision to a person', () => {
  const mine: Component = { ...base, pages: [{ id: 'all', title: 'Mine' }, { id: 'one', title: 'One' }], model: { fields: [{ name: 'A' }] } };
  const theirs: Component = { ...base, etag: '2', pages: [{ id: 'one', title: 'One' }], model: { fields: [{ name: 'B' }] } };
  expect(merge(base, mine, theirs).collisions.toSorted()).toEqual(['model', 'pages/all']);
  const { doc } = merge(base, mine, theirs, { model: 'mine', 'pages/all': 'theirs' });
  expect(doc.model?.fields).toEqual([{ name: 'A' }]);
  expect(doc.pages).toEqual([{ id: 'one', title: 'One' }]);
});

it('sees no collision where both did the same', () => {
  const both: Component = { ...base, displayName: 'Bill' };
  expect(merge(base, both, { ...both, etag: '2' }).collisions).toEqual([]);
  const own: Component = { ...base, scripts: [{ id: 's', title: 'S' }] };
  const kept: Component = { ...base, etag: '2', scripts: [{ id: 's', title: 'S', roles: [], source: '' }] };
  expect(merge(base, own, kept)).toMatchObject({ collisions: [], doc: { scripts: kept.scripts } });
});

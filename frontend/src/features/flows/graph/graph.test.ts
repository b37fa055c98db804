import { describe, expect, it } from 'vitest';
import type { Dataflow } from '@/api';
import { addStep, arrowsOf, canConnect, connect, disconnect, findStep, newStep, reaches, removeStep, renameStep, setParam, swapSources, titleStep } from './graph';
import { itemNames } from './names';

/** read -> rows -> store, and other -> join <- rows. */
const flow: Dataflow = {
  id: 'import',
  steps: [
    { id: 'read', type: 'get-raw-model' },
    { id: 'other', type: 'get-empty-model' },
    { id: 'rows', type: 'transform-model', sources: ['read'], params: { fields: { Number: 'item.n' }, resultField: 'made' } },
    { id: 'join', type: 'join-models', sources: ['rows', 'other'] },
    { id: 'store', type: 'update-entry', sources: ['rows'] },
  ],
};

const sourcesOf = (of: Dataflow, id: string) => findStep(of, id)?.sources;

describe('a dataflow', () => {
  it('has an arrow for every source that is there', () => {
    expect(arrowsOf(flow)).toEqual([
      { source: 'read', target: 'rows' },
      { source: 'rows', target: 'join' },
      { source: 'other', target: 'join' },
      { source: 'rows', target: 'store' },
    ]);
    expect(arrowsOf({ steps: [{ id: 'a', sources: ['gone'] }] })).toEqual([]);
  });

  it('names a new step after its kind, as nothing else is named', () => {
    expect(newStep(flow, { type: 'filter-source', title: 'Filter' }).id).toBe('filter');
    expect(newStep(flow, { type: 'x', title: 'Store' }).id).toBe('store_2');
  });

  it('takes a step after another, and between two', () => {
    const step = { id: 'filter', type: 'filter-source' };
    expect(sourcesOf(addStep(flow, step, { source: 'rows' }), 'filter')).toEqual(['rows']);
    const between = addStep(flow, step, { source: 'rows', target: 'join' });
    expect(sourcesOf(between, 'filter')).toEqual(['rows']);
    expect(sourcesOf(between, 'join')).toEqual(['filter', 'other']);
    expect(sourcesOf(between, 'store')).toEqual(['rows']);
    expect(sourcesOf(addStep(flow, step), 'filter')).toEqual([]);
    expect(sourcesOf(addStep(flow, step, { source: 'rows' }, true), 'filter')).toEqual([]);
    expect(sourcesOf(flow, 'join')).toEqual(['rows', 'other']);
  });

  it('refuses circles, arrows that are there and arrows into a step that starts', () => {
    expect(reaches(flow, 'read', 'store')).toBe(true);
    expect(reaches(flow, 'store', 'read')).toBe(false);
    expect(canConnect(flow, { source: 'store', target: 'read' }, 1)).toBe(false);
    expect(canConnect(flow, { source: 'rows', target: 'rows' }, 1)).toBe(false);
    expect(canConnect(flow, { source: 'rows', target: 'store' }, 1)).toBe(false);
    expect(canConnect(flow, { source: 'read', target: 'other' }, 0)).toBe(false);
    expect(canConnect(flow, { source: 'other', target: 'store' }, 1)).toBe(true);
  });

  it('replaces the last source of a step that has all it can have', () => {
    expect(sourcesOf(connect(flow, { source: 'other', target: 'store' }, 1), 'store')).toEqual(['other']);
    expect(sourcesOf(connect(flow, { source: 'read', target: 'join' }, 2), 'join')).toEqual(['rows', 'read']);
    expect(connect(flow, { source: 'store', target: 'read' }, 1)).toBe(flow);
  });

  it('loses an arrow, and swaps two', () => {
    expect(sourcesOf(disconnect(flow, { source: 'rows', target: 'join' }), 'join')).toEqual(['other']);
    expect(sourcesOf(swapSources(flow, 'join'), 'join')).toEqual(['other', 'rows']);
  });

  it('heals where a step is removed', () => {
    const healed = removeStep(flow, 'rows');
    expect(sourcesOf(healed, 'join')).toEqual(['read', 'other']);
    expect(sourcesOf(healed, 'store')).toEqual(['read']);
    expect(removeStep(flow, 'gone')).toBe(flow);
  });

  it('renames a step wherever it is read, and never into another one', () => {
    const renamed = renameStep(flow, 'rows', 'lines');
    expect(sourcesOf(renamed, 'join')).toEqual(['lines', 'other']);
    expect(findStep(renamed, 'rows')).toBeUndefined();
    expect(renameStep(flow, 'rows', 'join')).toBe(flow);
    expect(renameStep(flow, 'rows', '')).toBe(flow);
  });

  it('sets and removes settings', () => {
    const set = setParam(flow, 'store', 'mode', 'create');
    expect(findStep(set, 'store')?.params).toEqual({ mode: 'create' });
    expect(findStep(setParam(set, 'store', 'mode', undefined), 'store')?.params).toEqual({});
    expect(findStep(titleStep(flow, 'store', 'Save'), 'store')?.title).toBe('Save');
  });

  it('knows the names that an item may have', () => {
    const model = { model: { fields: [{ name: 'Total' }] } };
    expect(itemNames(flow, 'store', model)).toEqual(['Number', 'made', 'Total']);
    expect(itemNames(flow, 'read', model)).toEqual(['Total']);
  });
});

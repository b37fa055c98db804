import { describe, expect, it } from 'vitest';
import { run } from '@/draft';
import type { Component } from '@/api';
import { DocumentError } from '@/renderer/document';
import { copied, fresh, readCopied } from './clipboard';
import { asJson, pageCommand, replaceDocument } from './commands';
import { add, bindProp, clearProp, fragmentOf, move, remove, rename, setProp } from './edit';
import { freshIds, freshName } from './names';
import { emptyPage, readPage } from './read';
import { nested, page } from './testing';
import { isWithin, pathTo, placeOf, subtree } from './tree';

const children = (document: typeof nested, id: string, slot = 'children') => document.nodes[id]?.slots[slot];
const one = (type = 'label') => ({ root: 'new', nodes: { new: { type, name: 'new', props: {}, slots: {} } } });

describe('tree', () => {
  it('finds places and ways', () => {
    expect(placeOf(nested, 'b')).toEqual({ parent: 'panel', slot: 'children', index: 1 });
    expect(placeOf(nested, 'page')).toBeUndefined();
    expect(pathTo(nested, 'b')).toEqual(['page', 'panel', 'b']);
    expect(subtree(nested, 'panel')).toEqual(['panel', 'a', 'b']);
    expect(isWithin(nested, 'a', 'panel')).toBe(true);
    expect(isWithin(nested, 'panel', 'a')).toBe(false);
  });
});

describe('add', () => {
  it('puts a node into a slot at an index', () => {
    const after = add(nested, one(), { parent: 'panel', slot: 'children', index: 1 });
    expect(children(after, 'panel')).toEqual(['a', 'new', 'b']);
    expect(after.nodes.new?.type).toBe('label');
    expect(after.nodes.a).toBe(nested.nodes.a);
  });

  it('makes the slot when there is none', () => {
    expect(children(add(nested, one(), { parent: 'a', slot: 'tab1', index: 0 }), 'a', 'tab1')).toEqual(['new']);
  });

  it('does nothing with an id that is taken, a parent that is not there, or a page that is too deep', () => {
    const taken = { root: 'a', nodes: { a: { type: 'label', name: '', props: {}, slots: {} } } };
    expect(add(nested, taken, { parent: 'panel', slot: 'children', index: 0 })).toBe(nested);
    expect(add(nested, one(), { parent: 'gone', slot: 'children', index: 0 })).toBe(nested);
    let deep = page({ p0: { type: 'panel' } });
    for (let i = 1; i < 70; i++) {
      const node = { root: `p${i}`, nodes: { [`p${i}`]: { type: 'panel', name: '', props: {}, slots: {} } } };
      deep = add(deep, node, { parent: `p${i - 1}`, slot: 'children', index: 0 });
    }
    expect(Object.keys(deep.nodes)).toHaveLength(64);
  });
});

describe('move', () => {
  it.each([
    ['up in its slot', 'end', 0, ['end', 'title', 'panel']],
    ['down in its slot', 'title', 3, ['panel', 'end', 'title']],
    ['down by one', 'title', 2, ['panel', 'title', 'end']],
  ])('goes %s', (_, id, index, order) => {
    expect(children(move(nested, id, { parent: 'page', slot: 'children', index }), 'page')).toEqual(order);
  });

  it('goes into another node', () => {
    const after = move(nested, 'end', { parent: 'panel', slot: 'children', index: 1 });
    expect(children(after, 'panel')).toEqual(['a', 'end', 'b']);
    expect(children(after, 'page')).toEqual(['title', 'panel']);
  });

  it.each([
    ['into itself', 'panel', { parent: 'panel', slot: 'children', index: 0 }],
    ['into what stands in it', 'panel', { parent: 'a', slot: 'children', index: 0 }],
    ['the root', 'page', { parent: 'panel', slot: 'children', index: 0 }],
    ['to where it is', 'title', { parent: 'page', slot: 'children', index: 0 }],
    ['to just behind itself', 'title', { parent: 'page', slot: 'children', index: 1 }],
    ['to nowhere', 'a', { parent: 'gone', slot: 'children', index: 0 }],
  ])('never goes %s', (_, id, place) => {
    expect(move(nested, id, place)).toBe(nested);
  });
});

describe('remove', () => {
  it('takes all that stands in it', () => {
    const after = remove(nested, 'panel');
    expect(Object.keys(after.nodes)).toEqual(['page', 'title', 'end']);
    expect(children(after, 'page')).toEqual(['title', 'end']);
  });

  it('leaves the root and what is not there', () => {
    expect(remove(nested, 'page')).toBe(nested);
    expect(remove(nested, 'gone')).toBe(nested);
  });
});

describe('settings', () => {
  it('sets, binds and clears one', () => {
    const set = setProp(nested, 'b', 'label', 'Name');
    expect(set.nodes.b?.props).toEqual({ label: 'Name' });
    expect(set.nodes.a).toBe(nested.nodes.a);
    expect(setProp(set, 'b', 'label', 'Name')).toBe(set);
    const bound = bindProp(set, 'b', 'label', 'user.name');
    expect(bound.nodes.b?.props).toEqual({ label: { $expr: 'user.name' } });
    expect(clearProp(bound, 'b', 'label').nodes.b?.props).toEqual({});
    expect(clearProp(nested, 'b', 'label')).toBe(nested);
  });

  it('sets one that is named like a method of every object', () => {
    const set = setProp(nested, 'b', '__proto__', 'x');
    expect(Object.hasOwn(set.nodes.b?.props ?? {}, '__proto__')).toBe(true);
  });

  it('renames', () => {
    expect(rename(nested, 'a', 'number').nodes.a?.name).toBe('number');
    expect(rename(nested, 'a', 'a')).toBe(nested);
  });
});

describe('names', () => {
  it('are new', () => {
    expect(freshName(nested, 'Text field')).toBe('text_field');
    expect(freshName(nested, 'Panel')).toBe('panel_2');
    const ids = freshIds(nested, 500);
    expect(new Set(ids).size).toBe(500);
    expect(ids.every((id) => /^[a-z][a-z0-9]{4}$/.test(id) && !Object.hasOwn(nested.nodes, id))).toBe(true);
  });
});

describe('clipboard', () => {
  it('copies with new ids and names', () => {
    const fragment = readCopied(copied(nested, 'panel'));
    if (fragment === undefined) throw new Error('not read');
    expect(fragment).toEqual(fragmentOf(nested, 'panel'));
    const renewed = fresh(nested, fragment);
    const after = add(nested, renewed, { parent: 'panel', slot: 'children', index: 0 });
    expect(Object.keys(after.nodes)).toHaveLength(9);
    expect(Object.values(renewed.nodes).map((node) => node.name)).toEqual(['panel_2', 'a_2', 'b_2']);
    expect(after.nodes[renewed.root]?.slots.children).toHaveLength(2);
    expect(Object.values(renewed.nodes)[1]?.props).toEqual({ field: 'A' });
  });

  it.each([
    ['other text', 'hello'],
    ['broken JSON', '{"kind": "aqtra.page.nodes"'],
    ['no nodes', '{"kind": "aqtra.page.nodes"}'],
    ['a missing node', '{"kind":"aqtra.page.nodes","root":"a","nodes":{"a":{"type":"x","slots":{"c":["b"]}}}}'],
    ['a loop', '{"kind":"aqtra.page.nodes","root":"a","nodes":{"a":{"type":"x","slots":{"c":["a"]}}}}'],
    ['another kind', '{"kind":"x aqtra.page.nodes","root":"a","nodes":{"a":{"type":"x"}}}'],
  ])('does not take %s', (_, text) => {
    expect(readCopied(text)).toBeUndefined();
  });

  it('leaves out what does not stand in the root', () => {
    const text = JSON.stringify({ kind: 'aqtra.page.nodes', root: 'a', nodes: { a: { type: 'x' }, stray: { type: 'y' } } });
    expect(Object.keys(readCopied(text)?.nodes ?? {})).toEqual(['a']);
  });
});

describe('commands', () => {
  const component: Component = { id: 'c', pages: [{ id: 'p', title: 'P', document: asJson(nested) }, { id: 'q' }] };

  it('change one node of one page and keep all others as they are', () => {
    const command = pageCommand('p', 'set', 'a', (document) => setProp(document, 'a', 'label', 'A'), 'a/label');
    const after = run(component, command);
    const before = readPage(component.pages?.[0]?.document);
    const now = readPage(after.pages?.[0]?.document);
    expect(now.nodes.a?.props).toEqual({ field: 'A', label: 'A' });
    for (const id of ['page', 'title', 'panel', 'b', 'end']) expect(now.nodes[id]).toBe(before.nodes[id]);
    expect(after.pages?.[1]).toBe(component.pages?.[1]);
    expect(command).toMatchObject({ label: 'pages:do.set', mergeKey: 'pages/p/a/label' });
  });

  it('do nothing when there is nothing to do', () => {
    expect(run(component, pageCommand('p', 'remove', 'x', (document) => remove(document, 'gone')))).toBe(component);
    expect(run(component, pageCommand('gone', 'remove', 'x', (document) => remove(document, 'a')))).toBe(component);
  });

  it('put an empty page in the place of a broken one', () => {
    expect(() => readPage(component.pages?.[1]?.document)).toThrow(DocumentError);
    const after = run(component, replaceDocument('q', emptyPage('page', 'Q')));
    expect(readPage(after.pages?.[1]?.document)).toEqual(emptyPage('page', 'Q'));
  });
});

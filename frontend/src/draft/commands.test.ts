import { describe, expect, it } from 'vitest';
import type { Component } from '@/api';
import { run } from './hooks';
import { nameFrom, newId } from './id';
import { addPart, changePart, findPart, removePart, retitlePart, setPartRoles } from './parts';

const doc: Component = {
  id: 'invoice',
  pages: [{ id: 'all', title: 'All' }, { id: 'one', title: 'One' }],
  settings: { homePage: 'all' },
};

describe('commands on parts', () => {
  it('adds a part at the end, once', () => {
    const added = run(doc, addPart('scripts', { id: 'due', source: 'pass' }));
    expect(added.scripts).toEqual([{ id: 'due', source: 'pass' }]);
    expect(run(added, addPart('scripts', { id: 'due' }))).toBe(added);
  });

  it('removes a part, and the home page with it', () => {
    const next = run(doc, removePart('pages', 'all'));
    expect(next.pages?.map((page) => page.id)).toEqual(['one']);
    expect(next.settings).toEqual({});
  });

  it('changes one part and leaves the others as they are', () => {
    const next = run(doc, retitlePart('pages', 'one', 'Uno'));
    expect(findPart(next, 'pages', 'one')?.title).toBe('Uno');
    expect(next.pages?.[0]).toBe(doc.pages?.[0]);
  });

  it('takes a new part where the change gives one', () => {
    const next = run(doc, changePart('pages', 'one', (page) => ({ ...page, document: { root: 'r' } }), { label: 'x:y' }));
    expect(findPart(next, 'pages', 'one')).toEqual({ id: 'one', title: 'One', document: { root: 'r' } });
  });

  it('does nothing to a part that is gone', () => {
    expect(run(doc, retitlePart('workflows', 'gone', 'x'))).toBe(doc);
    expect(run(doc, setPartRoles('pages', 'gone', []))).toBe(doc);
  });

  it('sets roles', () => {
    expect(findPart(run(doc, setPartRoles('pages', 'all', ['admin'])), 'pages', 'all')?.roles).toEqual(['admin']);
  });
});

describe('names', () => {
  it.each([
    ['Purchase request', [], 'purchase_request'],
    ['  Überfällige Straße! ', [], 'uberfallige_strasse'],
    ['2026 budget', [], 'budget'],
    ['請求書', [], 'new'],
    ['Invoice', ['invoice', 'invoice_2'], 'invoice_3'],
    ['x'.repeat(60), ['x'.repeat(40)], `${'x'.repeat(38)}_2`],
  ])('%j without %j is %s', (words, taken, want) => {
    expect(nameFrom(words, taken)).toBe(want);
  });

  it('makes ids as the server does', () => {
    expect(newId()).toMatch(/^[a-z][a-z0-9]{9}$/);
  });
});

import { describe, expect, it } from 'vitest';
import type { Component } from '@/api';
import { draftActions as actions, draftReducer } from './slice';
import type { Draft, Drafts } from './types';

const component = 'invoice';
const base: Component = { id: component, etag: '1', displayName: 'Invoice', pages: [{ id: 'all', title: 'All' }] };

type Action = Parameters<typeof draftReducer>[1];

function after(...all: Action[]): Draft {
  const drafts = all.reduce<Drafts>((state, action) => draftReducer(state, action), draftReducer({}, actions.opened({ component, base })));
  const draft = drafts[component];
  if (draft === undefined) throw new Error('closed');
  return draft;
}

const titled = (displayName: string, at = 0, mergeKey?: string) =>
  actions.edited({ component, doc: { ...base, displayName }, label: 'x:title', mergeKey, at });
const undo = actions.undone({ component });
const redo = actions.redone({ component });
const send = actions.sending({ component });

describe('undo', () => {
  it('goes back and forth', () => {
    expect(after(titled('A'), titled('B', 1), undo).doc.displayName).toBe('A');
    expect(after(titled('A'), titled('B', 1), undo, undo, undo).doc).toBe(base);
    expect(after(titled('A'), titled('B', 1), undo, undo, redo, redo, redo).doc.displayName).toBe('B');
  });

  it('forgets what could be redone after another edit', () => {
    expect(after(titled('A'), undo, titled('B'), redo).doc.displayName).toBe('B');
  });

  it('takes typing as one step', () => {
    expect(after(titled('A', 0, 't'), titled('AB', 1000, 't'), titled('ABC', 2000, 't'), undo).doc).toBe(base);
    expect(after(titled('A', 0, 't'), titled('AB', 5000, 't'), undo).doc.displayName).toBe('A');
    expect(after(titled('A', 0, 't'), titled('AB', 10, 'u'), undo).doc.displayName).toBe('A');
    expect(after(titled('A', 0, 't'), undo, titled('B', 10, 't'), undo).doc).toBe(base);
  });

  it('survives a save', () => {
    const answer = { ...base, displayName: 'A', etag: '2' };
    const draft = after(titled('A'), send, actions.saved({ component, answer }), undo);
    expect(draft).toMatchObject({ saving: 'dirty', base: { etag: '2' }, doc: { displayName: 'Invoice' } });
  });
});

describe('saving', () => {
  it('takes over what the server made of it', () => {
    const answer = { ...base, displayName: 'A', etag: '2', model: { fields: [{ id: 'f123456789' }] } };
    const draft = after(titled('A'), send, actions.saved({ component, answer }));
    expect(draft.saving).toBe('saved');
    expect(draft.doc.model).toEqual(answer.model);
    expect(draft.doc.pages).toBe(base.pages);
  });

  it('takes over what the server filled in', () => {
    const doc = { ...base, model: { fields: [{ id: 'f123456789', name: 'total' }] } };
    const answer = { ...doc, etag: '2', model: { fields: [{ id: 'f123456789', name: 'total', required: false }] } };
    const edit = actions.edited({ component, doc, label: 'x:y', at: 0 });
    expect(after(edit, send, actions.saved({ component, answer }))).toMatchObject({ saving: 'saved', doc: answer });
  });

  it('keeps what was edited while the save was on its way', () => {
    const draft = after(titled('A'), send, titled('B'), actions.saved({ component, answer: { ...base, displayName: 'A', etag: '2' } }));
    expect(draft).toMatchObject({ saving: 'dirty', base: { displayName: 'A', etag: '2' }, doc: { displayName: 'B', etag: '2' } });
  });

  it('tries again after an edit when it was refused', () => {
    const failed = actions.failed({ component, saving: 'refused', error: undefined });
    expect(after(titled('A'), send, failed).saving).toBe('refused');
    expect(after(titled('A'), send, failed, titled('B')).saving).toBe('dirty');
  });
});

describe('somebody else', () => {
  const page = { ...base, etag: '2', pages: [{ id: 'all', title: 'Theirs' }] };
  const name = { ...base, etag: '2', displayName: 'Theirs' };

  it('is taken in where nothing collides, in undo as well', () => {
    const all = [titled('A'), send, actions.collided({ component, theirs: page })];
    expect(after(...all)).toMatchObject({ saving: 'dirty', base: { etag: '2' }, doc: { displayName: 'A', pages: page.pages }, taken: ['pages/all'] });
    expect(after(...all, undo).doc).toMatchObject({ displayName: 'Invoice', pages: page.pages });
  });

  it('makes a conflict that an edit does not end, and a choice does', () => {
    const all = [titled('A'), send, actions.collided({ component, theirs: name })];
    expect(after(...all, titled('B'))).toMatchObject({ saving: 'conflict', doc: { displayName: 'B' }, theirs: name });
    const mine = actions.decided({ component, choices: { displayName: 'mine' } });
    expect(after(...all, mine)).toMatchObject({ saving: 'dirty', base: name, doc: { displayName: 'A', etag: '2' } });
    const theirs = actions.decided({ component, choices: { displayName: 'theirs' } });
    expect(after(...all, theirs)).toMatchObject({ saving: 'saved', doc: name });
  });
});

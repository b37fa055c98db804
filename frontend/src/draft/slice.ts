import { createSlice, type Draft as Proxied, original, type PayloadAction, type WithSlice } from '@reduxjs/toolkit';
import { copyWithStructuralSharing } from '@reduxjs/toolkit/query';
import type { ApiError, Component } from '@/api';
import { rootReducer } from '@/api/root';
import { same } from './equal';
import { type Choice, merge, sections, touched, type Unit } from './merge';
import type { Checked, Draft, Drafts } from './types';

/** Edits with the same key within this time are one step of undo, in ms. */
const mergeWithin = 1500;

/** How many steps can be undone. */
const mostSteps = 200;

type Of<T> = PayloadAction<{ component: string } & T>;

interface Edited {
  doc: Component;
  label: string;
  values?: Readonly<Record<string, string>> | undefined;
  mergeKey?: string | undefined;
  /** When, in ms. */
  at: number;
}

function fresh(base: Component): Draft {
  return {
    base,
    doc: base,
    past: [],
    future: [],
    saving: 'saved',
    sent: undefined,
    error: undefined,
    theirs: undefined,
    taken: [],
    checked: undefined,
    last: undefined,
  };
}

function opened(base: Component, doc: Component | undefined): Draft {
  return doc === undefined ? fresh(base) : { ...fresh(base), doc, saving: 'dirty' };
}

function edited(draft: Draft, edit: Edited): Draft {
  if (edit.doc === draft.doc) return draft;
  const merges =
    edit.mergeKey !== undefined && draft.last?.mergeKey === edit.mergeKey && edit.at - draft.last.at < mergeWithin && draft.past.length > 0;
  const step = { doc: draft.doc, label: edit.label, values: edit.values ?? {} };
  return moved(draft, {
    doc: edit.doc,
    past: merges ? draft.past : [...draft.past.slice(1 - mostSteps), step],
    future: [],
    last: edit.mergeKey === undefined ? undefined : { mergeKey: edit.mergeKey, at: edit.at },
  });
}

/** A conflict stays until a person has decided; everything else is to be saved. */
function moved(draft: Draft, to: Pick<Draft, 'doc' | 'past' | 'future' | 'last'>): Draft {
  return { ...draft, ...to, saving: draft.saving === 'saving' || draft.saving === 'conflict' ? draft.saving : 'dirty' };
}

function undone(draft: Draft): Draft {
  const step = draft.past.at(-1);
  if (step === undefined) return draft;
  return moved(draft, { doc: step.doc, past: draft.past.slice(0, -1), future: [...draft.future, { ...step, doc: draft.doc }], last: undefined });
}

function redone(draft: Draft): Draft {
  const step = draft.future.at(-1);
  if (step === undefined) return draft;
  return moved(draft, { doc: step.doc, past: [...draft.past, { ...step, doc: draft.doc }], future: draft.future.slice(0, -1), last: undefined });
}

/** The answer becomes the base. What was not touched while it was on its way is the server's; what says the same stays the same object. */
function saved(draft: Draft, answer: Component): Draft {
  const base = copyWithStructuralSharing(draft.base, answer) as Component;
  const sent = draft.sent ?? draft.doc;
  const doc: Component = { ...base };
  for (const section of sections) {
    const kept = draft.doc[section] !== sent[section] || same(draft.doc[section], base[section]);
    if (kept) Object.assign(doc, { [section]: draft.doc[section] });
  }
  const saving = touched(base, doc).length === 0 ? 'saved' : 'dirty';
  return { ...draft, base, doc, saving, sent: undefined, error: undefined };
}

/**
 * Somebody else saved meanwhile. Where both changed the same thing, a person decides; otherwise theirs is taken in, in every step of undo
 * as well.
 */
function collided(draft: Draft, theirs: Component, choices?: Readonly<Record<Unit, Choice>>): Draft {
  const merged = merge(draft.base, draft.doc, theirs, choices);
  if (merged.collisions.length > 0 && choices === undefined) {
    return { ...draft, saving: 'conflict', theirs, sent: undefined };
  }
  const base = copyWithStructuralSharing(draft.base, theirs) as Component;
  const rebase = (doc: Component) => copyWithStructuralSharing(doc, merge(draft.base, doc, theirs, choices).doc) as Component;
  const doc = rebase(draft.doc);
  return {
    ...draft,
    base,
    doc,
    past: draft.past.map((step) => ({ ...step, doc: rebase(step.doc) })),
    future: draft.future.map((step) => ({ ...step, doc: rebase(step.doc) })),
    saving: touched(base, doc).length === 0 ? 'saved' : 'dirty',
    theirs: undefined,
    taken: choices === undefined ? merged.taken : [],
    sent: undefined,
    error: undefined,
  };
}

/** Changes one draft by a pure function. It must see the objects themselves: what did not change is told by identity, which proxies lack. */
function on<T>(change: (draft: Draft, payload: { component: string } & T) => Draft) {
  return (proxy: Drafts, { payload }: Of<T>): Drafts => {
    const drafts = original(proxy as Proxied<Drafts>) ?? proxy;
    const draft = drafts[payload.component];
    return draft === undefined ? drafts : { ...drafts, [payload.component]: change(draft, payload) };
  };
}

const slice = createSlice({
  name: 'drafts',
  initialState: {} as Drafts,
  reducers: {
    /** With a document of an earlier visit that was not saved, if there is one. */
    opened: (drafts, { payload }: Of<{ base: Component; doc?: Component | undefined }>) => ({
      ...drafts,
      [payload.component]: opened(payload.base, payload.doc),
    }),
    closed: (drafts, { payload }: Of<object>) => Object.fromEntries(Object.entries(drafts).filter(([id]) => id !== payload.component)),
    edited: on<Edited>(edited),
    undone: on<object>(undone),
    redone: on<object>(redone),
    sending: on<object>((draft) => ({ ...draft, saving: 'saving', sent: draft.doc })),
    saved: on<{ answer: Component }>((draft, { answer }) => saved(draft, answer)),
    failed: on<{ saving: 'offline' | 'refused'; error: ApiError | undefined }>((draft, { saving, error }) => ({
      ...draft,
      saving,
      error,
      sent: undefined,
    })),
    collided: on<{ theirs: Component }>((draft, { theirs }) => collided(draft, theirs)),
    /** The same person changed it another way, such as by a rename: it is taken in, in every step of undo as well. */
    renewed: on<{ base: Component }>((draft, { base }) => collided(draft, base, {})),
    decided: on<{ choices: Readonly<Record<Unit, Choice>> }>((draft, { choices }) =>
      draft.theirs === undefined ? draft : collided(draft, draft.theirs, choices),
    ),
    checked: on<Checked>((draft, { problems, stepTypes, revision }) => ({ ...draft, checked: { problems, stepTypes, revision } })),
  },
});

declare module '@/api/root' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- that is how slices are declared
  interface LazySlices extends WithSlice<typeof slice> {}
}

export const draftActions = slice.actions;
export const draftReducer = slice.reducer;

/** Adds the drafts to the store; the studio is loaded only when somebody opens it. */
slice.injectInto(rootReducer);

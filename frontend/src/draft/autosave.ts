import type { ApiError, Component } from '@/api';
import { masks, touched } from './merge';
import type { Queue } from './queue';
import { draftActions } from './slice';
import type { Checked, Draft, DraftsRoot } from './types';

/** Milliseconds from the last edit to the save, and from the save to the check. */
const saveAfter = 700;
const checkAfter = 400;
/** Milliseconds between attempts while the server is away, doubled up to the second. */
const retryFirst = 1_000;
const retryMost = 30_000;

/** Answer is a reply of the server or why there is none. */
export type Answer<T> = { data: T; error?: undefined } | { data?: undefined; error: ApiError };

/** Remote is what autosave needs of the API. */
export interface Remote {
  save(component: string, body: Component, updateMask: string): Promise<Answer<Component>>;
  load(component: string): Promise<Answer<Component>>;
  check(component: string): Promise<Answer<Checked>>;
}

interface DraftStore {
  getState(): DraftsRoot;
  subscribe(listener: () => void): () => void;
  dispatch(action: ReturnType<(typeof draftActions)[keyof typeof draftActions]>): unknown;
}

/** Autosave keeps one draft in step with the server until it is stopped. */
export interface Autosave {
  /** Saves now what is left, and ends. */
  stop(): void;
  /** Tries again now, when the network is said to be back or a person asks. */
  retry(): void;
}

/**
 * Saves a draft a moment after each edit and has it checked then. What is not acknowledged is in the queue all the time. One save is on
 * its way at a time; one that fails for want of an answer is sent again with growing pauses.
 */
export function startAutosave(store: DraftStore, component: string, remote: Remote, queue: Queue): Autosave {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let checkTimer: ReturnType<typeof setTimeout> | undefined;
  let pause = retryFirst;
  let flight: Promise<Answer<Component>> | undefined;
  let stopped = false;
  let seen: Draft | undefined;

  const read = (): Draft | undefined => store.getState().drafts?.[component];

  const plan = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void save(), ms);
  };

  const planCheck = (ms: number) => {
    clearTimeout(checkTimer);
    checkTimer = setTimeout(() => void check(), ms);
  };

  const check = async () => {
    const answer = await remote.check(component);
    if (answer.data !== undefined && !stopped) store.dispatch(draftActions.checked({ component, ...answer.data }));
  };

  const send = (base: Component, doc: Component) => {
    const names = touched(base, doc);
    if (names.length === 0) return undefined;
    const body: Component = { id: component, etag: base.etag };
    for (const name of names) Object.assign(body, { [name]: doc[name] });
    return remote.save(component, body, names.map((name) => masks[name]).join(','));
  };

  const save = async () => {
    clearTimeout(timer);
    const draft = read();
    if (flight !== undefined || draft === undefined || draft.saving === 'conflict') return;
    flight = send(draft.base, draft.doc);
    if (flight === undefined) {
      store.dispatch(draftActions.saved({ component, answer: draft.base }));
      return;
    }
    store.dispatch(draftActions.sending({ component }));
    const answer = await flight;
    flight = undefined;
    if (stopped) return;
    if (answer.data === undefined) {
      await failed(answer.error);
      return;
    }
    pause = retryFirst;
    store.dispatch(draftActions.saved({ component, answer: answer.data }));
    planCheck(checkAfter);
  };

  const failed = async (error: ApiError) => {
    if (error.reason === 'ETAG_MISMATCH') {
      const theirs = await remote.load(component);
      if (stopped) return;
      if (theirs.data !== undefined) {
        store.dispatch(draftActions.collided({ component, theirs: theirs.data }));
        return;
      }
      error = theirs.error;
    }
    // An answer that is not one of ours came from something in between, such as a proxy while the server is replaced.
    const away = error.reason === 'OFFLINE' || error.reason === 'INTERNAL' || error.status >= 500 || error.status === 429 || error.status === 401;
    store.dispatch(draftActions.failed({ component, saving: away ? 'offline' : 'refused', error }));
    if (!away) return;
    plan(Math.max(pause, error.retryAfter * 1000));
    pause = Math.min(pause * 2, retryMost);
  };

  /** The draft may be opened again at once, so what is left is sent without the store. If that fails, it is in the queue. */
  const finish = async (draft: Draft) => {
    let base = draft.base;
    if (flight !== undefined) {
      const answer = await flight;
      if (answer.data === undefined) return;
      base = answer.data;
    }
    const answer = await send(base, draft.doc);
    if (answer === undefined || answer.data !== undefined) queue.clear();
  };

  const look = () => {
    const draft = read();
    if (draft === undefined || draft === seen) return;
    const before = seen;
    seen = draft;
    queue.write(draft.base, draft.doc);
    if (draft.saving === 'dirty' && (draft.doc !== before?.doc || draft.saving !== before.saving)) plan(saveAfter);
  };

  const unsubscribe = store.subscribe(look);
  look();
  planCheck(0);

  return {
    retry: () => {
      if (read()?.saving === 'offline') void save();
    },
    stop: () => {
      unsubscribe();
      clearTimeout(timer);
      clearTimeout(checkTimer);
      stopped = true;
      const draft = read();
      if (draft !== undefined && draft.saving !== 'saved' && draft.saving !== 'conflict') void finish(draft);
    },
  };
}

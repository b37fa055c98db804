import type { Component } from '@/api';
import { isObject } from '@/values/json';
import { same } from './equal';
import { touched } from './merge';

/** Queued is what the server has not acknowledged: the touched sections as they were read and as they are now. */
export interface Queued {
  etag: string;
  before: Component;
  after: Component;
}

/** Queue keeps the unsaved work on one component over a reload or the loss of the network. */
export interface Queue {
  read(): Queued | undefined;
  /** Nothing touched removes it. */
  write(base: Component, doc: Component): void;
  /** Forgets what this queue wrote; what another visit wrote since stays. */
  clear(): void;
}

/** Makes the queue of a component in the browser's storage. `owner` tells tenants and users apart. */
export function makeQueue(storage: Storage, owner: string, component: string): Queue {
  const key = `aqtra.draft.${owner}.${component}`;
  let last: { base: Component; doc: Component } | undefined;
  let written = storage.getItem(key);
  const clear = () => {
    last = undefined;
    if (storage.getItem(key) === written) storage.removeItem(key);
  };
  return {
    read: () => {
      try {
        const value: unknown = JSON.parse(storage.getItem(key) ?? 'null');
        if (!isObject(value) || typeof value.etag !== 'string' || !isObject(value.before) || !isObject(value.after)) return undefined;
        return { etag: value.etag, before: value.before as Component, after: value.after as Component };
      } catch {
        return undefined;
      }
    },
    write: (base, doc) => {
      if (last?.base === base && last.doc === doc) return;
      const names = touched(base, doc);
      if (names.length === 0) {
        clear();
        return;
      }
      last = { base, doc };
      const pick = (of: Component): Component => Object.fromEntries(names.map((name) => [name, of[name]]));
      const text = JSON.stringify({ etag: base.etag ?? '', before: pick(base), after: pick(doc) });
      try {
        storage.setItem(key, text);
        written = text;
      } catch {
        // The storage is full or closed to us. The server still gets everything; only a reload before that would lose it.
      }
    },
    clear,
  };
}

/**
 * Puts unsaved work on top of what the server has now. The base is given as it was when the work began, as far as it matters, so that a
 * change of somebody else in between is found.
 */
export function restore(queued: Queued, now: Component): { base: Component; doc: Component } | undefined {
  const names = Object.keys(queued.after).concat(Object.keys(queued.before));
  const base: Component = { ...now, etag: queued.etag };
  const doc: Component = { ...now, etag: queued.etag };
  for (const name of new Set(names)) {
    Object.assign(base, { [name]: queued.before[name as keyof Component] });
    Object.assign(doc, { [name]: queued.after[name as keyof Component] });
  }
  return same(base, doc) ? undefined : { base, doc };
}

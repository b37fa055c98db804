import type { Entry, Field } from '@/api';
import type { Entries } from '@/renderer/evaluator';
import type { ModelOf } from '@/renderer/model';
import type { Json } from '@/values/json';
import { recordOf } from '@/values/record';
import { kindOf, type ValueMap } from '@/values/value';
import { decode, MismatchError } from '@/values/wire';

/** What of a stored entry fits the model as it is now: a field may have another type since. */
export function fitting(entry: Entry, fields: readonly Field[]): Entry {
  const fits = (name: string, json: Json): boolean => {
    const kind = kindOf(fields.find((field) => field.name === name)?.type);
    if (kind === undefined) return false;
    try {
      decode(json, kind);
      return true;
    } catch (error) {
      if (error instanceof MismatchError) return false;
      throw error;
    }
  };
  return { ...entry, fields: Object.fromEntries(Object.entries(entry.fields ?? {}).filter(([name, json]) => fits(name, json))) };
}

/** Fetch gets an entry; undefined when there is none that the user may see. */
export type Fetch = (component: string, id: string) => Promise<Entry | undefined>;

/** Keeps the entries that the canvas follows references to. Each is fetched once. */
export function sampleEntries(fetch: Fetch, models: readonly ModelOf[]): Entries {
  const known = new Map<string, ValueMap | null>();
  const going = new Map<string, Promise<void>>();
  const listeners = new Set<() => void>();
  let version = 0;
  const keyOf = (component: string, id: string) => `${component}/${id}`;
  const bring = async (component: string, id: string) => {
    const entry = await fetch(component, id);
    const fields = models.find((model) => model.id === component)?.fields ?? [];
    known.set(keyOf(component, id), entry === undefined ? null : recordOf(fitting(entry, fields), fields));
    version++;
    listeners.forEach((wake) => wake());
  };
  return {
    find: (component, id) => known.get(keyOf(component, id)),
    load: (component, id) => {
      const key = keyOf(component, id);
      const before = going.get(key);
      if (before !== undefined) return before;
      const now = bring(component, id);
      going.set(key, now);
      return now;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: () => version,
  };
}

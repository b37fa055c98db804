import { api, type Field } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import type { Entries } from '@/renderer/evaluator';
import type { ValueMap } from '@/values/value';
import { recordOf } from '@/values/record';

/** Fetches entries that references lead to, each once for a page. An entry that may not be read is one that does not exist. */
export class FetchedEntries implements Entries {
  private readonly known = new Map<string, ValueMap | null>();
  private readonly loading = new Map<string, Promise<void>>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly dispatch: Dispatch,
    private readonly fields: ReadonlyMap<string, readonly Field[]>,
  ) {}

  readonly find = (component: string, id: string): ValueMap | null | undefined => this.known.get(`${component}/${id}`);

  readonly version = (): number => this.known.size;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly load = (component: string, id: string): Promise<void> => {
    const key = `${component}/${id}`;
    if (this.known.has(key)) return Promise.resolve();
    let loading = this.loading.get(key);
    if (loading === undefined) this.loading.set(key, (loading = this.fetch(key, component, id)));
    return loading;
  };

  private async fetch(key: string, component: string, id: string): Promise<void> {
    const result = await this.dispatch(api.endpoints.getEntry.initiate({ component, entry: id }, { subscribe: false, forceRefetch: true }));
    this.known.set(key, result.data === undefined ? null : recordOf(result.data, this.fields.get(component) ?? []));
    this.listeners.forEach((wake) => wake());
  }
}

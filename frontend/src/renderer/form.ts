import type { Field, Violation } from '@/api';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { type Value, type ValueMap, kindOf } from '@/values/value';
import { decode, encode, equal } from '@/values/wire';
import type { FieldState, Form } from './host';

const absent: FieldState = { value: undefined, errors: [] };

/** EntryForm holds the fields of one entry while it is edited. */
export class EntryForm implements Form {
  private readonly fields: ReadonlyMap<string, Field>;
  private readonly initial = new Map<string, FieldState>();
  private readonly states = new Map<string, FieldState>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly watchers = new Set<() => void>();
  private count = 0;

  /** The entry is in wire form, undefined for a new one. It throws a MismatchError when the entry is not of this model. */
  constructor(fields: readonly Field[], entry?: Json) {
    this.fields = new Map(fields.map((field) => [field.name ?? '', field]));
    for (const [name, field] of this.fields) {
      const json = isObject(entry) ? entry[name] : undefined;
      const kind = kindOf(field.type);
      if (json === undefined || kind === undefined) continue;
      this.initial.set(name, { value: decode(json, kind), errors: [] });
    }
    for (const [name, state] of this.initial) this.states.set(name, state);
  }

  readonly field = (name: string): Field | undefined => this.fields.get(name);

  readonly read = (name: string): FieldState => this.states.get(name) ?? absent;

  /** Sets a value and takes back what was wrong with the last one. */
  readonly write = (name: string, value: Value): void => {
    const before = this.read(name);
    if (before.errors.length === 0 && before.value !== undefined && equal(before.value, value)) return;
    this.put(name, { value, errors: [] });
  };

  /** Shows what is wrong with one field; nothing takes it back. */
  readonly blame = (name: string, errors: readonly string[]): void => {
    const before = this.read(name);
    if (this.fields.has(name) && (errors.length > 0 || before.errors.length > 0)) this.put(name, { value: before.value, errors });
  };

  /**
   * Shows what the server found wrong, each on its field ("fields.InvoiceNumber" or "input.InvoiceNumber"), and returns what belongs to
   * no field of this form.
   */
  readonly fail = (violations: readonly Violation[]): readonly Violation[] => {
    const own = new Map<string, string[]>();
    const rest: Violation[] = [];
    for (const violation of violations) {
      const name = violation.field.split('.').at(-1) ?? '';
      if (!this.fields.has(name)) rest.push(violation);
      else own.set(name, [...(own.get(name) ?? []), violation.description]);
    }
    for (const [name, errors] of own) this.put(name, { value: this.read(name).value, errors });
    return rest;
  };

  /** The values in wire form; absent ones are left out. */
  readonly values = (): JsonObject => this.wire(() => true);

  /** What differs from the entry as it was read. */
  readonly changes = (): JsonObject =>
    this.wire((name, value) => {
      const before = this.initial.get(name)?.value;
      return before === undefined || !equal(before, value);
    });

  /** The values in typed form; absent ones are left out. */
  readonly record = (): ValueMap => {
    const members = [...this.states].filter((one): one is [string, { value: Value; errors: readonly string[] }] => one[1].value !== undefined);
    return Object.fromEntries(members.map(([name, { value }]) => [name, value]));
  };

  /** Whether something would be lost: a field that was emptied before it ever had a value is as it was. */
  readonly isDirty = (): boolean =>
    [...this.states].some(([name, { value = null }]) => !equal(this.initial.get(name)?.value ?? null, value));

  /** Takes the values as they are for stored. */
  readonly commit = (): void => {
    this.initial.clear();
    for (const [name, { value }] of this.states) this.initial.set(name, { value, errors: [] });
    this.watchers.forEach((wake) => wake());
  };

  /** Grows with every change. */
  readonly version = (): number => this.count;

  /** Hears of every change of any field. */
  readonly watch = (listener: () => void): (() => void) => {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  };

  readonly subscribe = (name: string, listener: () => void): (() => void) => {
    let set = this.listeners.get(name);
    if (set === undefined) this.listeners.set(name, (set = new Set()));
    set.add(listener);
    return () => set.delete(listener);
  };

  private wire(wanted: (name: string, value: Value) => boolean): JsonObject {
    const members: [string, Json][] = [];
    for (const [name, { value }] of this.states) {
      if (value !== undefined && wanted(name, value)) members.push([name, encode(value)]);
    }
    return Object.fromEntries(members);
  }

  private put(name: string, state: FieldState): void {
    this.states.set(name, state);
    this.count++;
    this.watchers.forEach((wake) => wake());
    this.listeners.get(name)?.forEach((wake) => wake());
  }
}

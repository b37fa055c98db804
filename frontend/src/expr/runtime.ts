import { Decimal } from '@/values/decimal';
import { Day, Instant, Reference, StoredFile, TimeOfDay, type Value, type ValueMap } from '@/values/value';
import type { Shapes } from './shapes';
import { Duration } from './times';
import { parseTime } from './times';
import { anyType, itemOf, type Type, typeText } from './type';
import type { Shape } from './unify';

/** Bounds of one evaluation beside its cost, as on the server. */
export const maxText = 1 << 20;
export const maxValues = 200_000;
const maxLoads = 1000;
const maxDepth = 64;

/** FailureReason is the reason of the server's fault; ENTRY_NOT_LOADED is the browser's own: it follows no reference by itself. */
export type FailureReason = 'EXPRESSION_FAILED' | 'EXPRESSION_COST' | 'ENTRY_NOT_FOUND' | 'ENTRY_NOT_LOADED';

/** Failure is what an evaluation ends with when the values do not allow it. && and || may absorb it. */
export class Failure {
  constructor(
    readonly message: string,
    readonly reason: FailureReason = 'EXPRESSION_FAILED',
    readonly missing?: { readonly component: string; readonly id: string },
  ) {}
}

export const wrongType = new Failure('an operator or function was given a value of the wrong type, or null');
export const tooMuch = new Failure('the expression takes too much work or memory', 'EXPRESSION_COST');

/** CostError ends an evaluation at its limit; nothing absorbs it. */
export class CostError extends Error {}

/** LoadedEntry is an entry as the value of a variable or field of type ref. A plain map may stand in its place when its id does not matter. */
export class LoadedEntry {
  constructor(
    readonly id: string,
    readonly fields: EntryFields,
  ) {}
}

/** EntryFields are the values of an entry; those of references may be loaded entries in turn. */
export interface EntryFields {
  readonly [name: string]: Input;
}

/** Input is what a variable may be given. */
export type Input = Value | LoadedEntry | readonly Input[] | EntryFields;

/** Variables are values by name; one that is not there is null. */
export type Variables = Readonly<Record<string, Input | undefined>>;

/** Resolver finds an entry that is at hand: its fields, null when there is none, undefined when it is not loaded. */
export type Resolver = (component: string, id: string) => ValueMap | null | undefined;

/** Operand is a value during an evaluation. */
export type Operand =
  | null
  | boolean
  | bigint
  | Decimal
  | string
  | Uint8Array
  | Day
  | TimeOfDay
  | Instant
  | StoredFile
  | Duration
  | Thing
  | readonly Operand[]
  | ReadonlyMap<string, Operand>
  | Failure;

/** Thing is an entry or a record. The fields of an entry may not be there yet. */
export class Thing {
  constructor(
    private readonly run: Run,
    readonly shape: Shape,
    /** Empty for records, and for entries given as plain maps. */
    readonly id: string,
    private fields: EntryFields | undefined,
  ) {}

  /** Reads a field; an absent one is null. */
  field(name: string): Operand {
    const field = this.shape.fields.get(name);
    if (field === undefined) return new Failure(`there is no field ${JSON.stringify(name)}`);
    let value = ownValue(this.fields, name);
    if (value === undefined && name === 'id' && this.id !== '') value = this.id;
    if (value === undefined && this.fields === undefined) {
      const loaded = this.run.load(this.shape, this.id);
      if (loaded instanceof Failure) return loaded;
      this.fields = loaded;
      value = ownValue(loaded, name);
    }
    return value === undefined ? null : this.run.operand(value, field.type);
  }

  /** The values of a record without their declared types. */
  members(): ReadonlyMap<string, Operand> {
    return new Map(Object.entries(this.fields ?? {}).map(([name, value]) => [name, this.run.operand(value, anyType)]));
  }
}

function ownValue(fields: EntryFields | undefined, name: string): Input | undefined {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Run is one evaluation. */
export class Run {
  /** Loop variables and what loops gather, by their slots. */
  readonly locals: Operand[] = [];
  private readonly read = new Map<string, Operand>();
  private readonly loaded = new Map<string, ValueMap>();
  private spent = 0;
  private time: Instant | undefined;

  constructor(
    private readonly shapes: Shapes,
    private readonly variables: Variables,
    private readonly resolve: Resolver,
    private readonly clock: () => Instant,
    private readonly limit: number,
  ) {}

  /** The time of the evaluation, which does not move during it. */
  get now(): Instant {
    return (this.time ??= this.clock());
  }

  /** Counts work, and ends the evaluation when it is too much. */
  spend(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CostError();
  }

  variable(name: string): Operand {
    let value = this.read.get(name);
    if (value === undefined) {
      const given = Object.hasOwn(this.variables, name) ? this.variables[name] : undefined;
      value = given === undefined ? null : this.operand(given, this.shapes.variables.get(name)?.type ?? anyType);
      this.read.set(name, value);
    }
    return value;
  }

  load(shape: Shape, id: string): ValueMap | Failure {
    const key = `${shape.object}/${id}`;
    const known = this.loaded.get(key);
    if (known !== undefined) return known;
    const missing = { component: shape.object, id };
    const entry = shape.known && shape.object !== '' ? this.resolve(shape.object, id) : undefined;
    if (entry === null) return new Failure('entry not found', 'ENTRY_NOT_FOUND', missing);
    if (entry === undefined) {
      return new Failure(`the entry of ${typeText(shape.type)} that this expression reads is not loaded`, 'ENTRY_NOT_LOADED', missing);
    }
    if (this.loaded.size >= maxLoads) return tooMuch;
    this.loaded.set(key, entry);
    return entry;
  }

  /** Gives a value the form that operators see, guided by its declared type. */
  operand(value: Input, type: Type): Operand {
    if (value === null || typeof value === 'boolean' || typeof value === 'string' || value instanceof Uint8Array) return value;
    if (typeof value === 'bigint') return type.kind === 'decimal' ? (Decimal.fromBigInt(value) ?? value) : value;
    if (value instanceof TimeOfDay) {
      const canonical = parseTime(value.text);
      return typeof canonical === 'string' ? new Failure(canonical) : canonical;
    }
    if (value instanceof Decimal || value instanceof Day || value instanceof Instant || value instanceof StoredFile) return value;
    if (value instanceof Reference) return new Thing(this, this.shapes.entry(type), value.id, undefined);
    if (value instanceof LoadedEntry) return new Thing(this, this.shapes.entry(type), value.id, value.fields);
    if (isInputs(value)) return value.map((item) => this.operand(item, itemOf(type)));
    const shape = this.shapes.of(type);
    if (shape !== undefined) return new Thing(this, shape, '', value);
    return new Map(Object.entries(value).map(([name, item]) => [name, this.operand(item, itemOf(type))]));
  }
}

function isInputs(value: Input): value is readonly Input[] {
  return Array.isArray(value);
}

export function isList(value: Operand): value is readonly Operand[] {
  return Array.isArray(value);
}

/** Gives the value of an operand. The budget bounds it, because a small expression can build a value that names its parts many times. */
export function valueOf(operand: Operand, budget: { left: number }, depth = 0): Value | Failure {
  if (--budget.left < 0) return tooMuch;
  if (depth > maxDepth) return new Failure('the value is nested too deeply');
  if (operand instanceof Failure) return operand;
  if (operand instanceof Duration) return new Failure('duration is not a value');
  if (operand instanceof Thing) {
    return operand.id === '' ? valueOf(operand.members(), budget, depth) : new Reference(operand.id);
  }
  if (typeof operand === 'string' || operand instanceof Uint8Array) {
    budget.left -= Math.floor(operand.length / 16);
    return operand;
  }
  if (isList(operand)) {
    const items: Value[] = [];
    for (const item of operand) {
      const value = valueOf(item, budget, depth + 1);
      if (value instanceof Failure) return value;
      items.push(value);
    }
    return items;
  }
  if (operand instanceof Map) {
    const members: [string, Value][] = [];
    for (const [name, item] of operand as ReadonlyMap<string, Operand>) {
      const value = valueOf(item, budget, depth + 1);
      if (value instanceof Failure) return value;
      members.push([name, value]);
    }
    return Object.fromEntries(members);
  }
  return operand as Value;
}

/** How the type of a value is called in messages. */
export function word(value: Operand): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'string':
      return 'text';
  }
  if (value instanceof Decimal) return 'decimal';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Day) return 'date';
  if (value instanceof TimeOfDay) return 'time';
  if (value instanceof Instant) return 'datetime';
  if (value instanceof StoredFile) return 'file';
  if (value instanceof Duration) return 'duration';
  if (value instanceof Thing) return typeText(value.shape.type);
  return isList(value) ? 'list' : 'map';
}

import { Decimal } from '@/values/decimal';
import { Day, Instant, StoredFile, TimeOfDay } from '@/values/value';
import { equal as equalValues } from '@/values/wire';
import { decimals, int64, negated } from './arithmetic';
import { Failure, isList, maxText, maxValues, type Operand, Thing, tooMuch, valueOf, word, wrongType } from './runtime';
import { dayNumber, Duration, durationOf, instantAt, instantMicros, timeMicros } from './times';

/** A text in the place of a result says what is wrong. */
export function orFailure<T extends Operand>(result: T | string): T | Failure {
  return typeof result === 'string' ? new Failure(result) : result;
}

/** A number as a decimal; undefined for what is none. */
export function decimalOf(value: Operand): Decimal | undefined {
  if (value instanceof Decimal) return value;
  return typeof value === 'bigint' ? Decimal.fromBigInt(value) : undefined;
}

function noOperator(sign: string, l: Operand, r: Operand): Failure {
  return new Failure(`${sign} cannot be applied to ${word(l)} and ${word(r)}`);
}

const ints: Readonly<Record<'+' | '-' | '*' | '/' | '%', (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** Does an operation on two numbers: on ints as CEL does, on decimals when one takes part. */
function arithmetic(sign: keyof typeof ints, l: Operand, r: Operand): Operand {
  if (typeof l === 'bigint' && typeof r === 'bigint') {
    if (r === 0n && (sign === '/' || sign === '%')) return new Failure('division by zero');
    return int64(ints[sign](l, r)) ?? new Failure('integer overflow');
  }
  const [a, b] = [decimalOf(l), decimalOf(r)];
  if (a === undefined || b === undefined || sign === '%') return noOperator(sign, l, r);
  return orFailure(decimals[sign](a, b));
}

export function add(l: Operand, r: Operand): Operand {
  if (typeof l === 'string' && typeof r === 'string') return isTooLong(l.length + r.length, l, r) ? tooMuch : l + r;
  if (l instanceof Uint8Array && r instanceof Uint8Array) {
    return l.length + r.length > maxText ? tooMuch : new Uint8Array([...l, ...r]);
  }
  if (isList(l) && isList(r)) return l.length + r.length > maxValues ? tooMuch : [...l, ...r];
  if (l instanceof Duration && r instanceof Duration) return orFailure(durationOf(l.micros + r.micros));
  if (l instanceof Instant && r instanceof Duration) return orFailure(instantAt(instantMicros(l) + r.micros));
  if (l instanceof Duration && r instanceof Instant) return orFailure(instantAt(instantMicros(r) + l.micros));
  return arithmetic('+', l, r);
}

/** Bytes are only counted when code units leave it open. */
export function isTooLong(units: number, ...texts: readonly string[]): boolean {
  if (units > maxText) return true;
  if (units * 3 <= maxText) return false;
  return texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0) > maxText;
}

function subtract(l: Operand, r: Operand): Operand {
  if (l instanceof Instant && r instanceof Instant) return orFailure(durationOf(instantMicros(l) - instantMicros(r)));
  if (l instanceof Instant && r instanceof Duration) return orFailure(instantAt(instantMicros(l) - r.micros));
  if (l instanceof Duration && r instanceof Duration) return orFailure(durationOf(l.micros - r.micros));
  if (l instanceof Day && r instanceof Day) return BigInt(dayNumber(l) - dayNumber(r));
  return arithmetic('-', l, r);
}

/** The order of two values of one kind, numbers by value. */
export function compare(l: Operand, r: Operand): number | Failure {
  if (typeof l === 'bigint' && typeof r === 'bigint') return order(l, r);
  const [a, b] = [decimalOf(l), decimalOf(r)];
  if (a !== undefined && b !== undefined) return a.compare(b);
  if (typeof l === 'string' && typeof r === 'string') return compareText(l, r);
  if (typeof l === 'boolean' && typeof r === 'boolean') return Number(l) - Number(r);
  if (l instanceof Day && r instanceof Day) return order(l.text, r.text);
  if (l instanceof TimeOfDay && r instanceof TimeOfDay) return order(timeMicros(l), timeMicros(r));
  if (l instanceof Instant && r instanceof Instant) return order(instantMicros(l), instantMicros(r));
  if (l instanceof Duration && r instanceof Duration) return order(l.micros, r.micros);
  if (l instanceof StoredFile && r instanceof StoredFile) return compareText(l.id, r.id);
  if (l instanceof Uint8Array && r instanceof Uint8Array) {
    for (let i = 0; i < Math.min(l.length, r.length); i++) {
      if (l[i] !== r[i]) return order(l[i] ?? 0, r[i] ?? 0);
    }
    return l.length - r.length;
  }
  return new Failure(`${word(l)} and ${word(r)} cannot be ordered`);
}

function order<T extends bigint | string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code point: JavaScript compares code units, which puts "🙂" before "ﬀ". */
export function compareText(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; ) {
    const [x, y] = [a.codePointAt(i) ?? 0, b.codePointAt(i) ?? 0];
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

/** Compares by value: numbers in every mix, references by id (also with text), lists and maps by their items. */
export function equal(l: Operand, r: Operand): boolean {
  if (typeof l === 'bigint' && typeof r === 'bigint') return l === r;
  const a = decimalOf(l);
  if (a !== undefined) {
    const b = decimalOf(r);
    return b !== undefined && a.equals(b);
  }
  const [left, right] = [entryId(l), entryId(r)];
  if (left !== undefined) return left === (right ?? r);
  if (right !== undefined) return right === l;
  if (l === null || typeof l === 'boolean' || typeof l === 'string') return l === r;
  if (l instanceof Duration) return r instanceof Duration && l.micros === r.micros;
  const budget = { left: maxValues };
  const [x, y] = [valueOf(l, budget), valueOf(r, budget)];
  return !(x instanceof Failure) && !(y instanceof Failure) && equalValues(x, y);
}

function entryId(value: Operand): string | undefined {
  return value instanceof Thing && value.id !== '' ? value.id : undefined;
}

function isIn(item: Operand, container: Operand): Operand {
  if (isList(container)) return container.some((one) => equal(item, one));
  if (container instanceof Map) return typeof item === 'string' && container.has(item);
  return noOperator('in', item, container);
}

/** Reads a field of a value whose type does not declare it: an absent one is null, and so is any of null. */
export function fieldOf(value: Operand, name: string): Operand {
  if (value === null) return null;
  if (value instanceof Thing) return value.field(name);
  if (value instanceof Map) return (value as ReadonlyMap<string, Operand>).get(name) ?? null;
  return new Failure(`${word(value)} has no field ${name}`);
}

/** has(): the field is there and not null. A value that has no fields has not this one. */
export function hasField(value: Operand, name: string): Operand {
  if (value !== null && !(value instanceof Thing) && !(value instanceof Map)) return false;
  const field = fieldOf(value, name);
  return field instanceof Failure ? field : field !== null;
}

function itemAt(value: Operand, key: Operand): Operand {
  if (typeof key === 'bigint' && isList(value)) {
    const item = key >= 0n ? value[Number(key)] : undefined;
    return item === undefined ? new Failure(`index out of bounds: ${key}`) : item;
  }
  if (typeof key === 'string' && (value === null || value instanceof Thing || value instanceof Map)) return fieldOf(value, key);
  return noOperator('[]', value, key);
}

function ordered(holds: (c: number) => boolean): (l: Operand, r: Operand) => Operand {
  return (l, r) => {
    const c = compare(l, r);
    return c instanceof Failure ? c : holds(c);
  };
}

/** The operators on two values. */
export const binary: ReadonlyMap<string, (l: Operand, r: Operand) => Operand> = new Map([
  ['_+_', add],
  ['_-_', subtract],
  ['_*_', (l, r) => arithmetic('*', l, r)],
  ['_/_', (l, r) => arithmetic('/', l, r)],
  ['_%_', (l, r) => arithmetic('%', l, r)],
  ['_<_', ordered((c) => c < 0)],
  ['_<=_', ordered((c) => c <= 0)],
  ['_>_', ordered((c) => c > 0)],
  ['_>=_', ordered((c) => c >= 0)],
  ['_==_', (l, r) => equal(l, r)],
  ['_!=_', (l, r) => !equal(l, r)],
  ['@in', isIn],
  ['_[_]', itemAt],
]);

/** The operators on one value. */
export const unary: ReadonlyMap<string, (value: Operand) => Operand> = new Map<string, (value: Operand) => Operand>([
  ['!_', (value) => (typeof value === 'boolean' ? !value : wrongType)],
  [
    '-_',
    (value) => {
      if (typeof value === 'bigint') return int64(-value) ?? new Failure('integer overflow');
      return value instanceof Decimal ? orFailure(negated(value)) : new Failure(`- cannot be applied to ${word(value)}`);
    },
  ],
]);

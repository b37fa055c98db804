import { Decimal } from './decimal';
import { isObject, type Json } from './json';
import { Day, type FieldKind, Instant, Reference, StoredFile, TimeOfDay, type Value } from './value';

/** MismatchError says that JSON does not have the declared type. */
export class MismatchError extends Error {
  constructor(
    readonly kind: FieldKind,
    readonly json: Json,
  ) {
    super(`expected ${kind}`);
    this.name = 'MismatchError';
  }
}

/**
 * Gives the wire form of a field its declared type. Null has every type. It throws a MismatchError for what the type cannot be, which
 * the server never sends.
 */
export function decode(json: Json, kind: FieldKind): Value {
  if (json === null) return null;
  const value = read(json, kind);
  if (value === undefined) throw new MismatchError(kind, json);
  return value;
}

function read(json: Json, kind: FieldKind): Value | undefined {
  switch (kind) {
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined;
    case 'integer':
      return readInt(json);
    case 'number':
      return readNumber(json);
    case 'array':
      if (!Array.isArray(json)) return undefined;
      return json.map((id) => decode(id, 'catalog'));
  }
  if (typeof json !== 'string') return undefined;
  switch (kind) {
    case 'date':
      return isDay(json) ? new Day(json) : undefined;
    case 'time':
      return isTime(json) ? new TimeOfDay(json) : undefined;
    case 'datetime':
      return readInstant(json);
    case 'file':
      return new StoredFile(json);
    case 'catalog':
      return new Reference(json);
    default:
      return json;
  }
}

function readInt(json: Json): bigint | undefined {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json);
  if (typeof json !== 'string' || !/^-?\d{1,19}$/.test(json)) return undefined;
  const value = BigInt(json);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function readNumber(json: Json): Decimal | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? Decimal.fromBigInt(BigInt(json)) : Decimal.parse(String(json));
  return typeof json === 'string' ? Decimal.parse(json) : undefined;
}

/** Whether the text is a day of the calendar in the years 1 to 9999. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Whether the text is a time of day, "13:05:00" with up to six digits of fraction. */
export function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/.test(text);
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339 with any offset and gives the instant in UTC; parts of a microsecond are dropped. */
export function readInstant(text: string): Instant | undefined {
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '', fraction = '', zone = ''] = match;
  if (!isDay(day) || !isTime(time)) return undefined;
  const seconds = new Date(`${day}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(seconds.getTime())) return undefined;
  const iso = seconds.toISOString();
  if (!/^\d{4}-/.test(iso) || iso.startsWith('0000')) return undefined;
  const rest = fraction.slice(0, 6).replace(/0+$/, '');
  return new Instant(`${iso.slice(0, 19)}${rest === '' ? '' : `.${rest}`}Z`);
}

/** Writes a value as the wire has it. The receiver gives it the declared type of the field that it is for. */
export function encode(value: Value): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') {
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  }
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Day || value instanceof TimeOfDay || value instanceof Instant) return value.text;
  if (value instanceof Reference || value instanceof StoredFile) return value.id;
  if (value instanceof Uint8Array) return btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(''));
  if (isList(value)) return value.map(encode);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encode(member)]));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/**
 * Reads JSON without a declared type, as the server does: whole numbers are ints, others decimals, and text stays text.
 */
export function decodeUntyped(json: Json): Value {
  if (typeof json === 'number') {
    const value = readNumber(json);
    if (value === undefined) throw new MismatchError('number', json);
    return Number.isSafeInteger(json) ? BigInt(json) : value;
  }
  if (Array.isArray(json)) return json.map(decodeUntyped);
  if (isObject(json)) {
    const members = Object.entries(json).filter((member): member is [string, Json] => member[1] !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, decodeUntyped(member)]));
  }
  return json as null | boolean | string;
}

/** Whether two values are the same: numbers by value in every mix of int and decimal, other kinds never equal each other. */
export function equal(a: Value, b: Value): boolean {
  if (Object.is(a, b)) return true;
  const left = asDecimal(a);
  const right = asDecimal(b);
  if (left !== undefined && right !== undefined) return left.equals(right);
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null));
  }
  const one = Object.entries(a) as [string, Value][];
  const other = new Map(Object.entries(b) as [string, Value][]);
  return one.length === other.size && one.every(([name, value]) => other.has(name) && equal(value, other.get(name) ?? null));
}

function asDecimal(value: Value): Decimal | undefined {
  if (typeof value === 'bigint') return Decimal.fromBigInt(value);
  return value instanceof Decimal ? value : undefined;
}

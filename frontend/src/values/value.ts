import type { Decimal } from './decimal';

/** Calendar day, "2026-01-31". */
export class Day {
  constructor(readonly text: string) {}
}

/** Time of day without a zone, "13:05:00". */
export class TimeOfDay {
  constructor(readonly text: string) {}
}

/** Instant in RFC 3339 with "Z", up to six digits of fraction: a JavaScript Date would lose the last three. */
export class Instant {
  constructor(readonly text: string) {}

  toDate(): Date {
    return new Date(this.text);
  }
}

/** Id of an entry. */
export class Reference {
  constructor(readonly id: string) {}
}

/** Id of a stored file. */
export class StoredFile {
  constructor(readonly id: string) {}
}

/** ValueMap is a set of named values. */
export interface ValueMap {
  readonly [name: string]: Value;
}

/**
 * Value is a typed value of aqtra.type.v1, as controls and expressions see it. An int is a bigint, a number is a Decimal: no value is
 * ever a JavaScript number. Absence is a name that the map does not have.
 */
export type Value =
  | null
  | boolean
  | bigint
  | Decimal
  | string
  | Uint8Array
  | Day
  | TimeOfDay
  | Instant
  | Reference
  | StoredFile
  | readonly Value[]
  | ValueMap;

/** FieldKind is the type of a field of an object model, without its prefix. */
export type FieldKind =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'time'
  | 'datetime'
  | 'uri'
  | 'file'
  | 'catalog'
  | 'array';

export const fieldKinds: readonly FieldKind[] = [
  'string', 'integer', 'number', 'boolean', 'date', 'time', 'datetime', 'uri', 'file', 'catalog', 'array',
];

/** Reads "FIELD_TYPE_STRING"; undefined for what is not a type. */
export function kindOf(type: string | undefined): FieldKind | undefined {
  const name = type?.replace(/^FIELD_TYPE_/, '').toLowerCase();
  return fieldKinds.find((kind) => kind === name);
}

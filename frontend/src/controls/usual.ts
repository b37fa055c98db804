import type { Field } from '@/api';
import { type FieldKind, kindOf } from '@/values/value';

const usual: Readonly<Record<FieldKind, string>> = {
  string: 'text-field',
  integer: 'number',
  number: 'number',
  boolean: 'checkbox',
  date: 'day',
  time: 'time',
  datetime: 'date-time',
  uri: 'text-field',
  file: 'file',
  catalog: 'select',
  array: 'multiselect',
};

/** Characters above which a text gets more than a line. */
const longText = 200;

/** The type of the control that people want for a field. */
export function usualControl(field: Field): string {
  const kind = kindOf(field.type) ?? 'string';
  if (kind === 'integer' && (field.integer?.options?.length ?? 0) > 0) return 'select';
  if (kind === 'string' && (field.string?.maxLength ?? 0) > longText) return 'text-area';
  return usual[kind];
}

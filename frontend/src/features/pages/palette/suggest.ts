import type { Field } from '@/api';
import type { AnyControl, Controls } from '@/controls/contract';
import { type FieldKind, kindOf } from '@/values/value';

/** The control that people want for a kind of field, as long as it is there. */
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

/** The control to offer for a field; undefined when none can be bound to it. */
export function controlFor(field: Field, controls: Controls): AnyControl | undefined {
  const kind = kindOf(field.type);
  if (kind === undefined) return undefined;
  const fits = (control: AnyControl | undefined) => control?.bind?.kinds.includes(kind) === true;
  const wanted = kind === 'integer' && (field.integer?.options?.length ?? 0) > 0 ? 'select' : usual[kind];
  const first = controls.get(wanted);
  if (fits(first)) return first;
  const others = [...controls.values()].filter(fits);
  return others.find((control) => control.group === 'input') ?? others[0];
}

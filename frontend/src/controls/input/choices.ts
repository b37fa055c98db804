import type { Field } from '@/api';
import type { Value } from '@/values/value';

/** Choice is a value of an enumeration; values are those of 64 bits as text. */
export interface Choice {
  value: string;
  label: string;
}

/** The choices of a field. A value that is none of them, from before they were changed, is there too, so that it is seen. */
export function shownChoices(field: Field | undefined, value: Value | undefined): readonly Choice[] {
  const choices = (field?.integer?.options ?? []).map((option) => ({
    value: option.value ?? '0', // JSON leaves zero out
    label: option.label || (option.value ?? '0'),
  }));
  if (typeof value !== 'bigint' || choices.some((choice) => choice.value === value.toString())) return choices;
  return [...choices, { value: value.toString(), label: value.toString() }];
}

/** The value of a choice; of none, null. */
export function readChoice(choice: string): Value {
  return choice === '' ? null : BigInt(choice);
}

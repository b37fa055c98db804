import type { Field } from '@/api';
import type { AnyControl, Controls } from '@/controls/contract';
import { usualControl } from '@/controls/usual';
import { kindOf } from '@/values/value';

/** The control to offer for a field; undefined when none can be bound to it. */
export function controlFor(field: Field, controls: Controls): AnyControl | undefined {
  const kind = kindOf(field.type);
  if (kind === undefined) return undefined;
  const fits = (control: AnyControl | undefined) => control?.bind?.kinds.includes(kind) === true;
  const first = controls.get(usualControl(field));
  if (fits(first)) return first;
  const others = [...controls.values()].filter(fits);
  return others.find((control) => control.group === 'input') ?? others[0];
}

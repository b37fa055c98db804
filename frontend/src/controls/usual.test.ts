import { expect, it } from 'vitest';
import type { Field } from '@/api';
import { fieldKinds, kindOf } from '@/values/value';
import { allControls } from './registry';
import { usualControl } from './usual';

const fields: Field[] = fieldKinds.map((kind) => ({ id: kind, name: kind, type: `FIELD_TYPE_${kind.toUpperCase() as 'STRING'}` }));

it.each([
  ...fields,
  { name: 'state', type: 'FIELD_TYPE_INTEGER', integer: { options: [{ value: '1', label: 'Open' }] } },
  { name: 'note', type: 'FIELD_TYPE_STRING', string: { maxLength: 5000 } },
] satisfies Field[])('there is a control for $name that takes its type', (field) => {
  const control = allControls.get(usualControl(field));
  expect(control?.bind?.kinds).toContain(kindOf(field.type));
});

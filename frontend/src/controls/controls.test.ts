import { expect, it } from 'vitest';
import { isObject, type JsonObject } from '@/values/json';
import { commonSchema } from './contract';
import { controlMessages } from './messages';
import { allControls, registry } from './registry';

const folders = Object.entries(import.meta.glob('./*/index.{ts,tsx}')).map(([path]) => path.split('/').at(1));
const texts = await controlMessages('en');

function text(key: string): unknown {
  const path = key.replace(/^controls:/, '').split('.');
  return path.reduce<unknown>((at, name) => (isObject(at) ? (at as JsonObject)[name] : undefined), texts);
}

it('every folder holds the control of its name', () => {
  expect([...allControls.keys()].sort()).toEqual([...folders].sort());
});

it.each([...allControls.values()].map((control) => [control.type, control] as const))('%s keeps the contract', (type, control) => {
  expect(type).toMatch(/^[a-z][a-z0-9-]*$/);
  expect(text(control.title), control.title).toBeTypeOf('string');
  for (const [name, spec] of Object.entries({ ...control.schema, ...commonSchema(control) })) {
    expect(text(spec.label), `${name}: ${spec.label}`).toBeTypeOf('string');
    if (spec.help !== undefined) expect(text(spec.help), spec.help).toBeTypeOf('string');
    if (spec.kind === 'enum') for (const option of spec.options) expect(text(option.label), option.label).toBeTypeOf('string');
  }
  for (const [name, spec] of Object.entries(control.schema)) {
    if (spec.default === undefined) continue;
    expect(Object.entries(control.defaults).find(([key]) => key === name)?.[1], `default of ${name}`).toEqual(spec.default);
  }
});

it('refuses two controls of one type', () => {
  const [one] = allControls.values();
  expect(() => registry(one === undefined ? [] : [one, one])).toThrow('two controls');
});

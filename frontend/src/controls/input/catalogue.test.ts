import { expect, it } from 'vitest';
import { isObject, type Json } from '@/values/json';
import { controlMessages } from '../messages';
import { allControls } from '../registry';

const texts = { en: await controlMessages('en'), de: await controlMessages('de') };
const inputs = [...allControls.values()].filter((control) => control.group === 'input' || control.group === 'layout');

function keysOf(texts: Json | undefined, at = ''): string[] {
  return isObject(texts) ? Object.entries(texts).flatMap(([name, member]) => keysOf(member, `${at}.${name}`)) : [at];
}

it.each([...allControls.keys(), 'input', 'layout'])('%s: has the same texts in both languages', (type) => {
  expect(keysOf(texts.de[type])).toEqual(keysOf(texts.en[type]));
});

it.each(inputs.map((control) => [control.type, control] as const))('%s: every setting has a default', (_, control) => {
  expect(Object.keys(control.defaults).sort()).toEqual(Object.keys(control.schema).sort());
});

import type { Component, EnumOption, Field } from '@/api';
import type { Command } from '@/draft';
import { type FieldKind, kindOf } from '@/values/value';
import { type Flag, flags, obstacle, type RuleName, rulesOf, typeOf } from './rules';

function fieldsOf(component: Component): Field[] {
  component.model ??= {};
  component.model.fields ??= [];
  return component.model.fields;
}

function change(id: string, apply: (field: Field, all: Field[]) => void): Command['apply'] {
  return (component) => {
    const all = fieldsOf(component);
    const field = all.find((one) => one.id === id);
    if (field !== undefined) apply(field, all);
  };
}

/** Adds a field at the end; its id is new. */
export function addField(id: string, name: string, title: string, kind: FieldKind): Command {
  return {
    label: 'model:do.add',
    values: { name: title || name },
    apply: (component) => void fieldsOf(component).push({ id, name, title, type: typeOf(kind) }),
  };
}

/** Removes a field. Its data goes with the next publication, which asks. */
export function removeField(id: string, name: string): Command {
  return {
    label: 'model:do.remove',
    values: { name },
    apply: (component) => {
      const all = fieldsOf(component);
      const at = all.findIndex((field) => field.id === id);
      if (at >= 0) all.splice(at, 1);
    },
  };
}

/** Moves a field to a place in the order, counted without the field itself. */
export function moveField(id: string, to: number): Command {
  return {
    label: 'model:do.move',
    apply: change(id, (field, all) => {
      const from = all.indexOf(field);
      if (from === to) return;
      all.splice(from, 1);
      all.splice(to, 0, field);
    }),
  };
}

/** Sets name, title or description. Data is bound to the field's id, so a new name changes none. */
export function setText(id: string, setting: 'name' | 'title' | 'description', text: string): Command {
  return { label: `model:do.${setting}`, mergeKey: `model/${id}/${setting}`, apply: change(id, (field) => void (field[setting] = text)) };
}

/** Sets or clears a flag. One field at most is the name of an entry; a flag takes away those that it rules out. */
export function setFlag(id: string, flag: Flag, value: boolean): Command {
  return {
    label: 'model:do.flag',
    apply: change(id, (field, all) => {
      field[flag] = value;
      if (flag === 'isName' && value) for (const other of all) if (other !== field) other.isName = false;
      clearImpossible(field);
    }),
  };
}

/** Gives a field another type. Rules and flags that do not fit it go. */
export function setKind(id: string, kind: FieldKind): Command {
  return {
    label: 'model:do.type',
    apply: change(id, (field) => {
      if (kindOf(field.type) === kind) return;
      field.type = typeOf(kind);
      for (const rules of ['string', 'integer', 'number', 'file', 'catalog', 'array'] as const) {
        if (rules !== rulesOf(kind)) field[rules] = undefined;
      }
      clearImpossible(field);
    }),
  };
}

function clearImpossible(field: Field): void {
  for (const flag of flags) if (field[flag] === true && obstacle(field, flag) !== undefined) field[flag] = false;
}

/** Sets rules of a field; a rule that is undefined goes. */
export function setRules<R extends RuleName>(id: string, name: R, rules: Partial<NonNullable<Field[R]>>): Command {
  return {
    label: 'model:do.rules',
    mergeKey: `model/${id}/${name}/${Object.keys(rules).join()}`,
    apply: change(id, (field) => {
      const next = Object.entries({ ...field[name], ...rules }).filter(([, rule]) => rule !== undefined);
      Object.assign(field, { [name]: Object.fromEntries(next) });
    }),
  };
}

/** Adds a value to an enumeration: the next number, without a label yet. */
export function addOption(id: string): Command {
  return {
    label: 'model:do.option',
    apply: change(id, (field) => {
      const options = field.integer?.options ?? [];
      const next = options.reduce((most, option) => (BigInt(option.value ?? '0') >= most ? BigInt(option.value ?? '0') + 1n : most), 0n);
      field.integer = { ...field.integer, options: [...options, { value: next.toString(), label: '' }] };
    }),
  };
}

/** Changes a value of an enumeration or its label. */
export function setOption(id: string, at: number, option: EnumOption): Command {
  return {
    label: 'model:do.option',
    mergeKey: `model/${id}/options/${at}/${Object.keys(option).join()}`,
    apply: change(id, (field) => void Object.assign(field.integer?.options?.[at] ?? {}, option)),
  };
}

/** Removes a value of an enumeration. */
export function removeOption(id: string, at: number): Command {
  return { label: 'model:do.option', apply: change(id, (field) => void field.integer?.options?.splice(at, 1)) };
}

import { describe, expect, it } from 'vitest';
import type { Component, Field } from '@/api';
import { type Command, run } from '@/draft';
import { addField, addOption, moveField, removeField, removeOption, setFlag, setKind, setOption, setRules, setText } from './commands';
import { fieldNameFrom, nameError } from './rules';

const model: Component = {
  id: 'invoice',
  model: {
    fields: [
      { id: 'a', name: 'number', type: 'FIELD_TYPE_STRING', isName: true, query: true, string: { maxLength: 40 } },
      { id: 'b', name: 'state', type: 'FIELD_TYPE_INTEGER', integer: { min: '0', options: [{ value: '3', label: 'Paid' }] } },
      { id: 'c', name: 'lines', type: 'FIELD_TYPE_ARRAY', array: { component: 'line' } },
    ],
  },
};

const after = (...commands: Command[]): Component => commands.reduce(run, model);
const field = (component: Component, id: string): Field => component.model?.fields?.find((one) => one.id === id) ?? {};
const order = (component: Component) => component.model?.fields?.map((one) => one.id).join('');

describe('fields', () => {
  it('are added, also to a component without a model', () => {
    expect(run({}, addField('x', 'due', 'Due', 'date')).model?.fields).toEqual([{ id: 'x', name: 'due', title: 'Due', type: 'FIELD_TYPE_DATE' }]);
    expect(order(after(addField('x', 'due', 'Due', 'date')))).toBe('abcx');
  });

  it('are removed', () => {
    expect(order(after(removeField('b', 'state')))).toBe('ac');
    expect(after(removeField('gone', 'x'))).toBe(model);
  });

  it.each([
    ['a', 2, 'bca'],
    ['c', 0, 'cab'],
    ['b', 1, 'abc'],
    ['gone', 0, 'abc'],
  ])('%s moved to %i gives %s', (id, to, want) => {
    expect(order(after(moveField(id, to)))).toBe(want);
  });

  it('keep their id when they are renamed', () => {
    expect(field(after(setText('a', 'name', 'no'), setText('a', 'title', 'No.'), setText('a', 'description', 'x')), 'a')).toMatchObject({
      id: 'a',
      name: 'no',
      title: 'No.',
      description: 'x',
    });
  });
});

describe('flags', () => {
  it('let one field be the name', () => {
    const next = after(setFlag('b', 'isName', true));
    expect([field(next, 'a').isName, field(next, 'b').isName]).toEqual([false, true]);
  });

  it('take away what they rule out', () => {
    expect(field(after(setFlag('a', 'sensitive', true)), 'a')).toMatchObject({ sensitive: true, isName: false, query: false });
    expect(field(after(setFlag('c', 'query', true)), 'c').query).toBe(false);
    expect(field(after(setFlag('a', 'searchable', true)), 'a').searchable).toBe(true);
    expect(field(after(setFlag('b', 'searchable', true)), 'b').searchable).toBe(false); // no text
  });
});

describe('types', () => {
  it('take rules and flags along that fit', () => {
    expect(field(after(setKind('a', 'uri')), 'a')).toMatchObject({ type: 'FIELD_TYPE_URI', query: true, string: { maxLength: 40 } });
    const list = field(after(setKind('a', 'array')), 'a');
    expect(list).toMatchObject({ type: 'FIELD_TYPE_ARRAY', isName: false, query: false });
    expect(list.string).toBeUndefined();
    expect(after(setKind('a', 'string'))).toBe(model);
  });
});

describe('rules', () => {
  it('are set one by one and taken back', () => {
    expect(field(after(setRules('a', 'string', { minLength: 2 })), 'a').string).toEqual({ maxLength: 40, minLength: 2 });
    expect(field(after(setRules('b', 'integer', { min: undefined, max: '9' })), 'b').integer).toEqual({
      max: '9',
      options: [{ value: '3', label: 'Paid' }],
    });
    expect(field(after(setKind('b', 'number'), setRules('b', 'number', { precision: 2 })), 'b').number).toEqual({ precision: 2 });
  });

  it('have options', () => {
    expect(field(after(addOption('b')), 'b').integer?.options?.[1]).toEqual({ value: '4', label: '' });
    expect(field(after(setOption('b', 0, { label: 'Done' })), 'b').integer?.options).toEqual([{ value: '3', label: 'Done' }]);
    expect(field(after(removeOption('b', 0)), 'b').integer?.options).toEqual([]);
    expect(after(setOption('b', 7, { label: 'x' }))).toBe(model);
  });
});

describe('names', () => {
  it.each([
    ['Due date', [], 'dueDate'],
    ['Größe (cm)', [], 'grosseCm'],
    ['2nd', [], 'nd'],
    ['金額', [], 'field'],
    ['Total', ['total', 'total2'], 'total3'],
    ['Name', [], 'name_'],
    ['Name', ['name_'], 'name_2'],
  ])('%j without %j is %s', (title, taken, want) => {
    expect(fieldNameFrom(title, taken)).toBe(want);
  });

  it.each([
    ['', 'empty'],
    ['9a', 'form'],
    ['a-b', 'form'],
    ['x'.repeat(61), 'form'],
    ['b', 'taken'],
    ['name', 'reserved'],
    ['create_time', 'reserved'],
    ['for', 'reserved'],
    ['Name', undefined],
    ['A_1', undefined],
  ])('%j is %s', (name, want) => {
    expect(nameError(name, ['b'])).toBe(want);
  });
});

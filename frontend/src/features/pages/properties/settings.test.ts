import { describe, expect, it } from 'vitest';
import type { Field } from '@/api';
import { changeType } from './ActionEditor';
import { changeColumn, columnFor, columnsOf, commandColumn, enableCommand, shiftColumn, titleOf, withAll } from './columns';
import { asExpression, asLiteral } from './expression';
import { groupsOf } from './groups';
import { fieldsOfKinds } from './pickers';
import { fakeControl } from '../testing';

describe('expressions', () => {
  it.each([
    ['Total', '', '"Total"'],
    ['say "hi"', '', '"say \\"hi\\""'],
    [true, false, 'true'],
    [3, 0, '3'],
    [undefined, true, 'true'],
    [undefined, undefined, '""'],
    [{ $expr: 'user.name' }, '', 'user.name'],
  ])('begin with what a setting says: %j', (setting, otherwise, text) => {
    expect(asExpression(setting, otherwise)).toBe(text);
  });

  it.each([
    ['"Total"', 'Total'],
    ['  true ', true],
    ['-2.5', -2.5],
    ['user.name', undefined],
    ['"a" + "b"', undefined],
    ['"\\x41"', undefined],
  ])('end as a value when they are one: %s', (text, value) => {
    expect(asLiteral(text)).toBe(value);
  });
});

describe('columns', () => {
  const fields: readonly Field[] = [{ name: 'a', title: 'A', query: true }, { name: 'b' }, { name: 'c', query: true, sensitive: true }];

  it('are made of fields, sortable when they are indexed', () => {
    expect(withAll([{ field: 'b', header: 'Mine' }], fields)).toEqual([
      { field: 'b', header: 'Mine' },
      { field: 'a', header: 'A', sortable: true, filterable: true },
      { field: 'c', header: 'c' },
    ]);
    expect(columnFor(fields[1] ?? {})).toEqual({ field: 'b', header: 'b' });
  });

  it('are changed, taken a member from, and moved', () => {
    const columns = columnsOf([{ field: 'a', command: 'keep' }, 'nonsense', { field: 'b' }]);
    expect(columns).toHaveLength(2);
    expect(changeColumn(columns, 0, 'width', 80)[0]).toEqual({ field: 'a', command: 'keep', width: 80 });
    expect(changeColumn(columns, 0, 'command', undefined)[0]).toEqual({ field: 'a' });
    expect(shiftColumn(columns, 0, 1).map((column) => column.field)).toEqual(['b', 'a']);
    expect(shiftColumn(columns, 0, -1)).toBe(columns);
  });
});

describe('columns of buttons', () => {
  it('are whole from the start', () => {
    expect(commandColumn('Edit', 'car', 'one')).toEqual({ command: { label: 'Edit', action: { type: 'edit-record', page: 'one' } } });
    expect(commandColumn('Open', 'car', undefined)).toEqual({ command: { label: 'Open', action: { type: 'open-component', component: 'car' } } });
    expect(enableCommand({ label: 'Open' }, 'item.sold')).toEqual({ label: 'Open', enabled: { $expr: 'item.sold' } });
    expect(enableCommand({ label: 'Open', enabled: { $expr: 'item.sold' } }, ' ')).toEqual({ label: 'Open' });
  });

  it('are called what their button says', () => {
    expect(titleOf({ command: { label: 'Edit' } })).toBe('Edit');
    expect(titleOf({ field: 'a', header: '' })).toBe('a');
    expect(titleOf({})).toBe('');
  });
});

describe('actions', () => {
  it('keep what both kinds have in common', () => {
    const before = { type: 'open-page', page: 'all', component: 'car', params: { a: 1 } };
    expect(changeType(before, 'open-modal')).toEqual({ ...before, type: 'open-modal' });
    expect(changeType(before, 'run-dataflow')).toEqual({ type: 'run-dataflow', component: 'car' });
    expect(changeType(before, 'close')).toEqual({ type: 'close' });
  });
});

describe('the panel', () => {
  const control = fakeControl('x', {
    schema: { size: { kind: 'number', label: 'a:b', group: 'style' }, text: { kind: 'text', label: 'a:b', group: 'content' } },
    bind: { kinds: ['string'] },
  });

  it('has the settings of the control and those that all have', () => {
    const groups = groupsOf(control, false).map(({ group, settings }) => [group, settings.map(({ name }) => name)]);
    expect(groups).toEqual([
      ['content', ['text']],
      ['data', ['field']],
      ['behaviour', ['visible', 'disabled']],
      ['validation', ['required']],
      ['layout', []],
      ['style', ['size']],
    ]);
  });

  it('has only its own for the root', () => {
    expect(groupsOf(control, true).map(({ group }) => group)).toEqual(['content', 'style']);
  });

  it('offers fields of the kinds that fit', () => {
    const fields: readonly Field[] = [{ name: 'a', type: 'FIELD_TYPE_STRING' }, { name: 'b', type: 'FIELD_TYPE_DATE' }];
    expect(fieldsOfKinds(fields, ['date']).map((field) => field.name)).toEqual(['b']);
    expect(fieldsOfKinds(fields, undefined)).toBe(fields);
  });
});

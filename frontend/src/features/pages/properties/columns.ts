import type { Field } from '@/api';
import { isObject, type Json, type JsonObject } from '@/values/json';

/** The columns that a setting says; what is no column is left out. */
export function columnsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item): item is JsonObject => isObject(item)) : [];
}

/** A column for a field: sortable and filterable when the field is indexed. */
export function columnFor(field: Field): JsonObject {
  const name = field.name ?? '';
  const indexed = field.query === true && field.sensitive !== true;
  return { field: name, header: field.title || name, ...(indexed && { sortable: true, filterable: true }) };
}

/** A column of buttons, each about its row. It opens a page, so that it is whole from the start, or else the component. */
export function commandColumn(label: string, component: string, page: string | undefined): JsonObject {
  const action = page === undefined ? { type: 'open-component', component } : { type: 'edit-record', page };
  return { command: { label, action } };
}

/** Says by an expression for which rows a command is; a blank one says nothing, so that it is for all. */
export function enableCommand({ enabled: _, ...command }: JsonObject, text: string): JsonObject {
  return text.trim() === '' ? command : { ...command, enabled: { $expr: text } };
}

/** What a column is called in lists. */
export function titleOf({ header, field, command }: JsonObject): string {
  const label = isObject(command) ? command.label : undefined;
  return [header, label, field].find((one): one is string => typeof one === 'string' && one !== '') ?? '';
}

/** Adds columns for the fields that have none. */
export function withAll(columns: readonly JsonObject[], fields: readonly Field[]): readonly JsonObject[] {
  const missing = fields.filter((field) => !columns.some((column) => column.field === field.name));
  return [...columns, ...missing.map(columnFor)];
}

/** Changes one member of a column; nothing takes it away. */
export function changeColumn(columns: readonly JsonObject[], index: number, name: string, value: Json | undefined): readonly JsonObject[] {
  const column = columns[index];
  if (column === undefined) return columns;
  const next = { ...column, [name]: value };
  return columns.with(index, Object.fromEntries(Object.entries(next).filter(([, member]) => member !== undefined)));
}

/** Moves a column up or down. */
export function shiftColumn(columns: readonly JsonObject[], index: number, by: -1 | 1): readonly JsonObject[] {
  const column = columns[index];
  const to = index + by;
  if (column === undefined || to < 0 || to >= columns.length) return columns;
  return columns.toSpliced(index, 1).toSpliced(to, 0, column);
}

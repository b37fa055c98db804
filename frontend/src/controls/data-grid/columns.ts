import type { Field } from '@/api';
import type { Action } from '../contract';
import { expressionOf } from '@/renderer/bindings';
import { isObject, type Json } from '@/values/json';
import { type FieldKind, kindOf } from '@/values/value';
import { readAction } from '../action/read';
import { type IconName, isIcon } from '../button/icons';

/** Column of a grid, as documents have it. */
export interface Column {
  /** Name of a field, perhaps through references ("customer.name"), or of a member of what a dataflow returns. */
  field?: string;
  /** The field's title when absent. */
  header?: string;
  sortable?: boolean;
  filterable?: boolean;
  visible?: boolean;
  /** Pixels; columns without share what is left. */
  width?: number;
  format?: 'auto' | 'date' | 'time';
  /** Makes the column one of buttons, each about its row. `enabled` is CEL over the row, which stands in "item". */
  command?: { label?: string; icon?: IconName; action: Action; confirm?: string; enabled?: string };
}

/** ColumnError says which column of a document is none. */
export class ColumnError extends Error {
  constructor(at: number) {
    super(`column ${at + 1}`);
  }
}

const path = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/** Reads the columns of a document. It throws a ColumnError for what is none. */
export function readColumns(json: Json | undefined): readonly Column[] {
  if (json === undefined || json === null) return [];
  if (!Array.isArray(json)) throw new ColumnError(0);
  return json.map((one: Json, at) => {
    if (!isObject(one)) throw new ColumnError(at);
    const column: Column = {};
    if (typeof one.field === 'string' && one.field !== '') column.field = one.field;
    if (typeof one.header === 'string') column.header = one.header;
    column.sortable = one.sortable === true;
    column.filterable = one.filterable === true;
    column.visible = one.visible !== false;
    if (typeof one.width === 'number' && one.width >= 40 && one.width <= 2000) column.width = one.width;
    if (one.format === 'date' || one.format === 'time') column.format = one.format;
    if (isObject(one.command)) {
      const action = readAction(one.command.action);
      if (action === undefined) throw new ColumnError(at);
      const { label, icon, confirm } = one.command;
      const enabled = expressionOf(one.command.enabled);
      column.command = {
        action,
        ...(typeof label === 'string' && { label }),
        ...(isIcon(icon) && { icon }),
        ...(typeof confirm === 'string' && { confirm }),
        ...(enabled !== undefined && { enabled }),
      };
    }
    if (column.command === undefined && (column.field === undefined || !path.test(column.field))) throw new ColumnError(at);
    return column;
  });
}

/** A column with what the models say of it. */
export interface ShownColumn extends Column {
  /** Unique in the grid. */
  id: string;
  title: string;
  /** Definition of the field at the end of the path, undefined when nothing is known of it. */
  definition: Field | undefined;
  kind: FieldKind | undefined;
  /** The reference that is followed to the field, undefined for a field of the record itself. */
  through: Field | undefined;
}

const system: Readonly<Record<string, Field>> = {
  id: { name: 'id', type: 'FIELD_TYPE_STRING' },
  name: { name: 'name', type: 'FIELD_TYPE_STRING' },
  creator_subject: { name: 'creator_subject', type: 'FIELD_TYPE_STRING' },
  update_subject: { name: 'update_subject', type: 'FIELD_TYPE_STRING' },
  create_time: { name: 'create_time', type: 'FIELD_TYPE_DATETIME' },
  update_time: { name: 'update_time', type: 'FIELD_TYPE_DATETIME' },
};

/** Finds the fields of columns; fieldsOf gives those of a component. Only one reference is followed. */
export function showColumns(columns: readonly Column[], component: string, fieldsOf: (component: string) => readonly Field[]): readonly ShownColumn[] {
  const find = (id: string, name: string) => fieldsOf(id).find((field) => field.name === name) ?? (Object.hasOwn(system, name) ? system[name] : undefined);
  return columns
    .filter((column) => column.visible !== false)
    .map((column, i) => {
      const [first = '', second] = (column.field ?? '').split('.');
      const own = component === '' ? undefined : find(component, first);
      const through = second === undefined ? undefined : own;
      const definition = second === undefined ? own : find(own?.catalog?.component ?? '', second);
      const title = column.header ?? definition?.title ?? column.field ?? '';
      return { ...column, id: `${i}:${column.field ?? 'command'}`, title, definition, kind: kindOf(definition?.type), through };
    });
}

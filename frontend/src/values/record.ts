import type { Entry, Field } from '@/api';
import { type Instant, kindOf, type Value, type ValueMap } from './value';
import { decode, readInstant } from './wire';

/** The fields that every entry has beside those of its model; people never write them. */
export const systemFields = ['id', 'name', 'creator_subject', 'update_subject', 'create_time', 'update_time'] as const;

/** The values of an entry by name, with its system fields; a field of the model hides one of the same name. */
export function recordOf(entry: Entry, fields: readonly Field[]): ValueMap {
  return { ...systemOf(entry), ...fieldsOf(entry, fields) };
}

/** The system fields of an entry. */
export function systemOf(entry: Entry): ValueMap {
  return {
    id: entry.id ?? '',
    name: entry.name ?? '',
    creator_subject: entry.creatorSubject ?? '',
    update_subject: entry.updateSubject ?? '',
    create_time: instant(entry.createTime),
    update_time: instant(entry.updateTime),
  };
}

function fieldsOf(entry: Entry, fields: readonly Field[]): ValueMap {
  const values: [string, Value][] = [];
  for (const field of fields) {
    const kind = kindOf(field.type);
    const json = entry.fields?.[field.name ?? ''];
    if (kind !== undefined && json !== undefined) values.push([field.name ?? '', decode(json, kind)]);
  }
  return Object.fromEntries(values);
}

function instant(text: string | undefined): Instant | null {
  return text === undefined ? null : (readInstant(text) ?? null);
}

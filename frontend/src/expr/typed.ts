import { isObject, type Json } from '@/values/json';
import type { FieldKind, Value } from '@/values/value';
import { decode, decodeUntyped } from '@/values/wire';
import { anyType, itemOf, type Kind, type Type } from './type';

const kinds: Partial<Record<Kind, FieldKind>> = {
  bool: 'boolean', int: 'integer', decimal: 'number', text: 'string', date: 'date', time: 'time', datetime: 'datetime', ref: 'catalog', file: 'file',
};

/** Gives a value in its wire form the type that it is known to have. What the type cannot be is read as if it had none. */
export function readAs(json: Json | undefined, type: Type): Value {
  if (json === undefined || json === null) return null;
  if (type.kind === 'list' && Array.isArray(json)) return json.map((item) => readAs(item, itemOf(type)));
  if (isObject(json)) {
    const declared = new Map(type.kind === 'map' ? type.fields?.map((field) => [field.name, field.type]) : []);
    const rest = type.kind === 'map' ? itemOf(type) : anyType;
    return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, readAs(member, declared.get(name) ?? rest)]));
  }
  const kind = kinds[type.kind];
  try {
    return kind === undefined ? decodeUntyped(json) : decode(json, kind);
  } catch {
    return decodeUntyped(json);
  }
}

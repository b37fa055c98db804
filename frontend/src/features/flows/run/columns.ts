import { anyType, type Type } from '@/expr/type';
import { isObject, type Json } from '@/values/json';

/** A column of the table of a step's items; one without a name has the item itself. */
export interface Column {
  name: string;
  type: Type;
}

/** The columns: the fields that the items are known to have, then whatever else they have. */
export function columnsOf(items: readonly Json[], type: Type): readonly Column[] {
  const objects = items.filter(isObject);
  if (objects.length === 0) return [{ name: '', type }];
  const declared = new Map((type.kind === 'map' ? (type.fields ?? []) : []).map((field) => [field.name, field.type]));
  const there = new Set(objects.flatMap((item) => Object.keys(item)));
  const names = [...[...declared.keys()].filter((name) => there.has(name)), ...[...there].filter((name) => !declared.has(name))];
  return names.map((name) => ({ name, type: declared.get(name) ?? anyType }));
}

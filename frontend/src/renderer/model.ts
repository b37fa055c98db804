import type { Field } from '@/api';
import type { Model, ObjectType, Type, TypeField } from '@/expr/type';
import { kindOf } from '@/values/value';
import { systemFields } from '@/values/record';

/** ModelOf is a component with its fields, as far as expressions care. */
export interface ModelOf {
  id: string;
  fields: readonly Field[];
}

/** The type that expressions see in a field; undefined for a kind that they do not know. */
export function typeOf(field: Field): Type | undefined {
  switch (kindOf(field.type)) {
    case 'string':
    case 'uri':
      return { kind: 'text' };
    case 'integer': {
      const options = field.integer?.options ?? [];
      if (options.length === 0) return { kind: 'int' };
      return { kind: 'int', enum: options.map(({ value = '0', label = '' }) => ({ value: BigInt(value), label })) };
    }
    case 'number':
      return { kind: 'decimal' };
    case 'boolean':
      return { kind: 'bool' };
    case 'date':
      return { kind: 'date' };
    case 'time':
      return { kind: 'time' };
    case 'datetime':
      return { kind: 'datetime' };
    case 'file':
      return { kind: 'file' };
    case 'catalog':
      return ref(field.catalog?.component);
    case 'array':
      return { kind: 'list', elem: ref(field.array?.component) };
    case undefined:
      return undefined;
  }
}

function ref(component: string | undefined): Type {
  return component === undefined || component === '' ? { kind: 'ref' } : { kind: 'ref', component };
}

const text: Type = { kind: 'text' };

export const userType: Type = {
  kind: 'map',
  fields: ['id', 'email', 'name'].map((name): TypeField => ({ id: name, name, type: text })).concat({
    id: 'roles',
    name: 'roles',
    type: { kind: 'list', elem: text },
  }),
};

/**
 * What expressions on a page may name, as the server's check has it: the entry of the page, the record that a control shows (that of the
 * page where it shows none), the user and the parameters that the page was opened with.
 */
export function pageModel(component: string, item: string, objects: readonly ModelOf[]): Model {
  const known = new Set(objects.filter((one) => one.fields.length > 0).map((one) => one.id));
  const record = (id: string): Type => (known.has(id) ? { kind: 'ref', component: id } : { kind: 'map' });
  return {
    variables: [
      { id: 'entry', name: 'entry', type: record(component) },
      { id: 'item', name: 'item', type: record(item) },
      { id: 'user', name: 'user', type: userType },
      { id: 'params', name: 'params', type: { kind: 'map' } },
    ],
    objects: objectsOf(objects),
  };
}

/** The components whose entries expressions can follow references to: those with fields. */
export function objectsOf(objects: readonly ModelOf[]): readonly ObjectType[] {
  return objects.filter((one) => one.fields.length > 0).map(objectOf);
}

function objectOf({ id, fields }: ModelOf): ObjectType {
  const own: TypeField[] = fields.flatMap((field) => {
    const type = typeOf(field);
    const name = field.name ?? '';
    return type === undefined ? [] : [{ id: field.id === undefined || field.id === '' ? name : field.id, name, type }];
  });
  const names = new Set(own.map((field) => field.name));
  const system = systemFields
    .filter((name) => name !== 'id' && !names.has(name))
    .map((name): TypeField => ({ id: name, name, type: name.endsWith('_time') ? { kind: 'datetime' } : text }));
  return { id, name: id, fields: [...own, ...system] };
}

import { Env } from '@/expr/env';
import type { Variables } from '@/expr/evaluator';
import { isIdentifier } from '@/expr/parser';
import { anyType, itemOf, type ObjectType, type Type, type TypeField } from '@/expr/type';
import { readAs } from '@/expr/typed';
import { userType } from '@/renderer/model';
import { isObject, type Json, type JsonObject } from '@/values/json';

/** Language is what an expression may name. */
export interface Language {
  env: Env;
  /** Values for the result below it, if there are any. */
  vars: Variables | undefined;
}

/** Source is what a step reads: the type of the items, and the first one of the last test. */
export interface Source {
  type: Type;
  first: Json | undefined;
}

interface Surroundings {
  kind: string;
  params: JsonObject;
  sources: readonly Source[];
  objects: readonly ObjectType[];
  /** What the dataflow was tried with, and who is signed in. */
  input: Json;
  user: JsonObject;
}

const unknown: Source = { type: anyType, first: undefined };

/** Gives the language of each expression of a step by the name of its setting; undefined where the model cannot be used. */
export function languagesOf(around: Surroundings): (param: string) => Language | undefined {
  const known = new Map<string, Language | undefined>();
  return (param) => {
    if (!known.has(param)) known.set(param, languageOf(around, param));
    return known.get(param);
  };
}

function languageOf(around: Surroundings, param: string): Language | undefined {
  const named = namedIn(around, param);
  const given: [string, Source][] = [['input', { type: anyType, first: around.input }], ['user', { type: userType, first: around.user }], ...named];
  const variables = given.filter(([name]) => isIdentifier(name)).map(([name, { type }]): TypeField => ({ id: name, name, type }));
  const live = named.every(([, { type, first }]) => type.kind !== 'any' && first !== undefined);
  try {
    const env = new Env({ variables, objects: around.objects });
    return { env, vars: live ? Object.fromEntries(given.map(([name, { type, first }]) => [name, readAs(first, type)])) : undefined };
  } catch {
    return undefined; // a model that is being edited may name a field twice
  }
}

/** What the steps name beside input and user, as their Compile has it: one item at a time unless said otherwise. */
function namedIn({ kind, params, sources, objects }: Surroundings, param: string): [string, Source][] {
  const [item = unknown, right = unknown] = sources;
  switch (`${kind}/${param}`) {
    case 'join-models/leftKey':
      return [['left', item]];
    case 'join-models/rightKey':
      return [['right', right]];
    case 'join-models/map':
      return [['left', item], ['right', right]];
    case 'export-to-file/fileName':
      return [];
    case 'import-file/fields':
      return [['item', item], ['row', { type: { kind: 'map' }, first: undefined }], ['line', { type: { kind: 'int' }, first: undefined }]];
    case 'calculate-array/of':
      return [['item', item], ['element', elementAt(item, typeof params.path === 'string' ? params.path : '')]];
    case 'query-entity-by-filter/filter': {
      const fields = objects.find((one) => one.id === params.component)?.fields ?? [];
      const free = [...fields.filter(({ name }) => name !== 'id'), idField].filter(({ name }) => !['item', 'input', 'user'].includes(name));
      return [['item', item], ...free.map(({ name, type }): [string, Source] => [name, { type, first: undefined }])];
    }
    default:
      return [['item', item]];
  }
}

/** Every entry has it, beside what expressions find in its model. */
export const idField: TypeField = { id: 'id', name: 'id', type: { kind: 'text' } };

/** The first element of the list at a path such as "orders.lines", which may lead through lists. */
function elementAt(source: Source, path: string): Source {
  return path.split('.').reduce<Source>(({ type, first }, name) => {
    const member = type.fields?.find((field) => field.name === name)?.type ?? anyType;
    const value = isObject(first) ? first[name] : undefined;
    const list = member.kind === 'list';
    return { type: list ? itemOf(member) : member, first: list && Array.isArray(value) ? value[0] : value };
  }, source);
}

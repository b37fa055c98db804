import type { Field, FieldType } from '@/api';
import { type FieldKind, kindOf } from '@/values/value';

/** Names of the rules that a field can have, each for one or two kinds. */
export type RuleName = 'string' | 'integer' | 'number' | 'file' | 'catalog' | 'array';

/** Flag is a mark on a field. */
export type Flag = 'required' | 'primaryKey' | 'query' | 'isName' | 'isTitle' | 'isVirtual' | 'sensitive' | 'searchable';

export const flags: readonly Flag[] = ['required', 'primaryKey', 'query', 'searchable', 'isName', 'isTitle', 'sensitive', 'isVirtual'];

/** The rules that a kind of field has. */
export function rulesOf(kind: FieldKind): RuleName | undefined {
  if (kind === 'uri') return 'string';
  return (['string', 'integer', 'number', 'file', 'catalog', 'array'] as const).find((name) => name === kind);
}

/** The type as the API has it. */
export function typeOf(kind: FieldKind): FieldType {
  return `FIELD_TYPE_${kind.toUpperCase() as Uppercase<FieldKind>}`;
}

/** Obstacle is why a flag cannot be set, a key of "obstacle" in the texts. */
export type Obstacle = 'list' | 'file' | 'virtual' | 'encrypted' | 'reference' | 'text';

/** Why a flag cannot be set on a field; undefined when it can. */
export function obstacle(field: Field, flag: Flag): Obstacle | undefined {
  const kind = kindOf(field.type);
  if (flag === 'sensitive') return kind === 'array' || kind === 'catalog' ? 'reference' : undefined;
  if (flag === 'required' || flag === 'isVirtual') return undefined;
  if (flag === 'searchable' && kind !== 'string') return 'text';
  if (kind === 'array') return 'list';
  if (kind === 'file') return 'file';
  if (flag === 'isTitle') return undefined;
  if (field.isVirtual === true) return 'virtual';
  return field.sensitive === true ? 'encrypted' : undefined;
}

/** Names of system fields and words of the expression language: what the server's check refuses, services/component-library/internal/check/model.go. */
export const reservedNames: readonly string[] = [
  'id', 'name', 'creator_subject', 'update_subject', 'create_time', 'update_time', 'delete_time', 'etag', 'fields',
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop',
  'package', 'namespace', 'null', 'return', 'true', 'var', 'void', 'while',
];

const namePattern = /^[A-Za-z][A-Za-z0-9_]{0,59}$/;

/** What is wrong with the name of a field, a key of "nameError" in the texts. A name that is wrong here is not kept by the server, or not published. */
export function nameError(name: string, others: readonly string[]): 'empty' | 'form' | 'reserved' | 'taken' | undefined {
  if (name === '') return 'empty';
  if (!namePattern.test(name)) return 'form';
  if (reservedNames.includes(name)) return 'reserved';
  return others.includes(name) ? 'taken' : undefined;
}

/** Makes a name from the words of a title: "Due date" becomes "dueDate". It is none of those that are taken or reserved. */
export function fieldNameFrom(title: string, taken: readonly string[]): string {
  const words = title
    .normalize('NFKD')
    .replace(/ß/g, 'ss')
    .replace(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  const camel = words.map((word, i) => (i === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1)).join('');
  const plain = (camel.replace(/^[0-9]+/, '') || 'field').slice(0, 56);
  const name = reservedNames.includes(plain) ? `${plain}_` : plain;
  if (!taken.includes(name)) return name;
  for (let n = 2; ; n++) if (!taken.includes(`${name}${n}`)) return `${name}${n}`;
}

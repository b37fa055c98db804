// @vitest-environment node
/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORE_SCHEMA, load, Type as YamlType } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { Decimal } from '@/values/decimal';
import { isObject, type Json } from '@/values/json';
import { Day, Instant, Reference, StoredFile, TimeOfDay, type Value } from '@/values/value';
import { equal } from '@/values/wire';
import { Env } from './env';
import { evaluate } from './evaluator';
import { problemText } from './problem';
import { type EntryFields, type Input, LoadedEntry, type Resolver } from './runtime';
import { itemOf, type Kind, type Model, type Type, type TypeField, typeText } from './type';

/** The cases that every evaluator of the language answers alike; see the README there. */
const folder = join(import.meta.dirname, '../../../pkg/expr/testdata/corpus');

/** Integers of 64 bits, which a number of JavaScript would round. */
const int = new YamlType('tag:yaml.org,2002:int', {
  kind: 'scalar',
  resolve: (data) => data !== null && /^[-+]?\d+$/.test(data),
  construct: (data) => BigInt(data),
});

type Plain = null | boolean | bigint | string | readonly Plain[] | { readonly [name: string]: Plain };

interface Case {
  name: string;
  expr: string;
  vars?: Record<string, Plain>;
  want?: Record<string, Plain>;
  type?: string;
  error?: string;
  message?: string;
  problem?: string;
  skip?: Record<string, string>;
}

interface Corpus {
  now: string;
  model: { variables?: Plain[]; objects?: { id: string; name: string; fields: Plain[] }[] };
  vars?: Record<string, Plain>;
  entries?: Record<string, Record<string, Record<string, Plain>>>;
  cases: Case[];
}

const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

function read(file: string): Corpus {
  return load(readFileSync(join(folder, file), 'utf8'), { schema: CORE_SCHEMA.extend({ implicit: [int] }) }) as Corpus;
}

function json(plain: Plain): Json {
  if (typeof plain === 'bigint') return plain.toString();
  if (Array.isArray(plain)) return plain.map(json);
  if (isObject(plain)) return Object.fromEntries(Object.entries(plain).map(([name, member]) => [name, json(member as Plain)]));
  return plain as Json;
}

function modelOf({ model }: Corpus): Model {
  return {
    variables: (model.variables ?? []).map((field) => readTypeField(json(field))),
    objects: (model.objects ?? []).map(({ id, name, fields }) => ({ id, name, fields: fields.map((field) => readTypeField(json(field))) })),
  };
}

const kinds: readonly string[] = [
  'any', 'null', 'bool', 'int', 'decimal', 'text', 'bytes', 'date', 'time', 'datetime', 'ref', 'file', 'list', 'map',
] satisfies readonly Kind[];

/** Reads the JSON of a type as the server writes it: a word ("text") or an object ({"kind": "list", …}). It throws for anything else. */
function readType(json: Json | undefined): Type {
  if (typeof json === 'string') return { kind: readKind(json) };
  if (!isObject(json)) throw new TypeError('not a type');
  return {
    kind: readKind(json.kind),
    ...(typeof json.component === 'string' && json.component !== '' ? { component: json.component } : {}),
    ...(json.elem === undefined ? {} : { elem: readType(json.elem) }),
    ...(Array.isArray(json.fields) ? { fields: json.fields.map(readTypeField) } : {}),
    ...(Array.isArray(json.enum) ? { enum: json.enum.map(readOption) } : {}),
  };
}

/** Reads a field of a model or of a map. */
function readTypeField(json: Json): TypeField {
  if (!isObject(json) || typeof json.name !== 'string') throw new TypeError('not a field');
  return { id: typeof json.id === 'string' ? json.id : '', name: json.name, type: readType(json.type) };
}

function readKind(json: Json | undefined): Kind {
  if (typeof json !== 'string' || !isKind(json)) throw new TypeError(`unknown type ${JSON.stringify(json)}`);
  return json;
}

function isKind(word: string): word is Kind {
  return kinds.includes(word);
}

function readOption(json: Json): { value: bigint; label: string } {
  if (!isObject(json) || (typeof json.value !== 'number' && typeof json.value !== 'string')) throw new TypeError('not an option');
  return { value: BigInt(json.value), label: typeof json.label === 'string' ? json.label : '' };
}

/** Gives a plain value its declared type; a map in the place of a reference is a loaded entry. */
function typed(model: Model, plain: Plain, type: Type): Input {
  if (plain === null || typeof plain === 'boolean') return plain;
  if (Array.isArray(plain)) return plain.map((item: Plain) => typed(model, item, itemOf(type)));
  if (isObject(plain)) {
    const members = Object.entries(plain).map(([name, member]): [string, Input] => [name, typed(model, member as Plain, fieldType(model, type, name))]);
    const fields: EntryFields = Object.fromEntries(members);
    if (type.kind !== 'ref') return fields;
    const { id, ...rest } = fields;
    return new LoadedEntry(typeof id === 'string' ? id : '', rest);
  }
  return scalar(plain as bigint | string, type.kind);
}

function scalar(plain: bigint | string, kind: Type['kind']): Value {
  const text = plain.toString();
  switch (kind) {
    case 'decimal':
      return Decimal.parse(text) ?? null;
    case 'int':
      return BigInt(text);
    case 'date':
      return new Day(text);
    case 'time':
      return new TimeOfDay(text);
    case 'datetime':
      return new Instant(text);
    case 'ref':
      return new Reference(text);
    case 'file':
      return new StoredFile(text);
    case 'bytes':
      return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    default:
      return plain;
  }
}

function fieldType(model: Model, type: Type, name: string): Type {
  const object = type.kind === 'ref' ? model.objects.find((one) => one.id === type.component) : undefined;
  const field = (object?.fields ?? type.fields)?.find((one) => one.name === name);
  return field?.type ?? (type.kind === 'ref' ? { kind: 'text' } : itemOf(type));
}

function variables(model: Model, plain: Record<string, Plain>): Record<string, Input> {
  const entries = Object.entries(plain).map(([name, value]): [string, Input] => {
    const variable = model.variables.find((one) => one.name === name);
    if (variable === undefined) throw new Error(`the model has no variable ${name}`);
    return [name, typed(model, value, variable.type)];
  });
  return Object.fromEntries(entries);
}

function resolver(model: Model, { entries = {} }: Corpus): Resolver {
  return (component, id) => {
    const plain = entries[component]?.[id];
    if (plain === undefined) return null;
    const fields = Object.entries(plain).map(([name, value]): [string, Value] => [
      name,
      typed(model, value, fieldType(model, { kind: 'ref', component }, name)) as Value,
    ]);
    return Object.fromEntries(fields);
  };
}

/** Reads a value in the form {kind: value}. */
function tagged(want: Record<string, Plain>): Value {
  const [[kind, plain]] = Object.entries(want) as [[string, Plain]];
  if (kind === 'null') return null;
  if (kind === 'list') return (plain as Record<string, Plain>[]).map(tagged);
  if (kind === 'map') {
    const members = Object.entries(plain as Record<string, Record<string, Plain>>);
    return Object.fromEntries(members.map(([name, member]) => [name, tagged(member)]));
  }
  if (kind === 'bool') return plain as boolean;
  return scalar(plain as bigint | string, readType(kind === 'reference' ? 'ref' : kind).kind);
}

/** Whether both are of the same kind at the top; `equal` takes an int for a decimal. */
function sameKind(a: Value, b: Value): boolean {
  return typeof a === typeof b && (a === null) === (b === null) && (a instanceof Decimal) === (b instanceof Decimal);
}

describe.each(files)('%s', (file) => {
  const corpus = read(file);
  const model = modelOf(corpus);
  const env = new Env(model, { clock: () => new Date(corpus.now), programs: 1000 });
  const shared = variables(model, corpus.vars ?? {});

  const skipped = corpus.cases.filter((one) => one.skip?.typescript !== undefined);
  it.skipIf(skipped.length === 0)('refuses what it does not follow', () => {
    for (const { expr, skip } of skipped) {
      expect(skip?.typescript).not.toBe('');
      const compiled = env.compile(expr);
      expect(compiled.ok && evaluate(compiled.program, shared, resolver(model, corpus)).ok).toBe(false);
    }
  });

  it.each(corpus.cases.filter((one) => one.skip?.typescript === undefined).map((one): [string, Case] => [one.name, one]))('%s', (_, one) => {
    const compiled = env.compile(one.expr);
    if (one.problem !== undefined) {
      expect(compiled.ok ? ['no problem'] : compiled.problems.map(problemText)).toContain(one.problem);
      return;
    }
    if (!compiled.ok) throw new Error(compiled.problems.map(problemText).join('; '));
    if (one.type !== undefined) expect(typeText(compiled.program.type)).toBe(one.type);
    const got = evaluate(compiled.program, one.vars === undefined ? shared : variables(model, one.vars), resolver(model, corpus));
    if (one.error !== undefined) {
      expect(got).toMatchObject({ ok: false, reason: one.error });
      expect(got.ok ? '' : got.problem).toContain(one.message ?? '');
      return;
    }
    if (!got.ok) throw new Error(`${got.reason}: ${got.problem}`);
    const want = tagged(one.want ?? {});
    expect({ value: got.value, same: sameKind(got.value, want) && equal(got.value, want) }).toEqual({ value: got.value, same: true });
  });
});

it('has the whole corpus', () => {
  const cases = files.flatMap((file) => read(file).cases);
  expect(cases.length).toBeGreaterThan(400);
  expect(cases.filter((one) => one.skip?.typescript !== undefined).length).toBeLessThan(5);
});

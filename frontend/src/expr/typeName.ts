import type { Kind, Type, TypeField } from './type';

const kinds: readonly Kind[] = ['any', 'null', 'bool', 'int', 'decimal', 'text', 'bytes', 'date', 'time', 'datetime', 'ref', 'file', 'list', 'map'];

/** How deep types are read; the server's are not deeper. */
const maxDepth = 64;

/**
 * Reads a type as the server writes those of steps (StepType in library.proto): "decimal", "list(text)", "ref(customer)",
 * "object{id: int, `Due date`: date}", and "entry(invoice)" for the fields of a component's entries, which `entry` gives. Undefined for
 * what it does not know.
 */
export function parseType(text: string, entry: (component: string) => readonly TypeField[] | undefined): Type | undefined {
  const rest = { text, at: 0 };
  try {
    const type = read(rest, entry, 0);
    return peek(rest) === '' ? type : undefined;
  } catch (error) {
    if (error instanceof UnknownType) return undefined;
    throw error;
  }
}

class UnknownType extends Error {}

interface Rest {
  readonly text: string;
  at: number;
}

function peek(rest: Rest): string {
  while (rest.text.charAt(rest.at) === ' ') rest.at++;
  return rest.text.charAt(rest.at);
}

function take(rest: Rest, sign: string): boolean {
  if (peek(rest) !== sign) return false;
  rest.at++;
  return true;
}

function expect(rest: Rest, sign: string): void {
  if (!take(rest, sign)) throw new UnknownType();
}

/** The part of the text from here on that the pattern, which must be sticky, matches. */
function match(rest: Rest, pattern: RegExp): string {
  peek(rest);
  pattern.lastIndex = rest.at;
  const [found] = pattern.exec(rest.text) ?? [];
  if (found === undefined) throw new UnknownType();
  rest.at += found.length;
  return found;
}

function read(rest: Rest, entry: (component: string) => readonly TypeField[] | undefined, depth: number): Type {
  if (depth > maxDepth) throw new UnknownType();
  const word = match(rest, /[a-z]+/y);
  if (word === 'object') return { kind: 'map', fields: readFields(rest, entry, depth) };
  if (word === 'entry') {
    const fields = entry(inside(rest));
    return fields === undefined ? { kind: 'map' } : { kind: 'map', fields };
  }
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) throw new UnknownType();
  if (peek(rest) !== '(') return { kind };
  if (kind === 'ref') return { kind, component: inside(rest) };
  if (kind !== 'list' && kind !== 'map') throw new UnknownType();
  expect(rest, '(');
  const elem = read(rest, entry, depth + 1);
  expect(rest, ')');
  return { kind, elem };
}

/** The id of a component, in parentheses. */
function inside(rest: Rest): string {
  expect(rest, '(');
  const id = match(rest, /[^()]+/y).trim();
  expect(rest, ')');
  return id;
}

function readFields(rest: Rest, entry: (component: string) => readonly TypeField[] | undefined, depth: number): TypeField[] {
  const fields: TypeField[] = [];
  expect(rest, '{');
  while (!take(rest, '}')) {
    if (fields.length > 0) expect(rest, ',');
    const name = match(rest, /`[^`]+`|[A-Za-z_]\w*/y).replaceAll('`', '');
    expect(rest, ':');
    fields.push({ id: name, name, type: read(rest, entry, depth + 1) });
  }
  return fields;
}

import { SyntaxProblem } from './problem';

/** Token is a word of an expression; `start` and `end` are code points. */
export interface Token {
  readonly kind: 'int' | 'uint' | 'float' | 'text' | 'bytes' | 'name' | 'escaped' | 'symbol' | 'end';
  /** As it stands there, of escaped names without the quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const symbols = ['==', '!=', '<=', '>=', '&&', '||', ...'[]{}(),.-+*/%?:!<>'];

const space = /[\t\n\f\r ]/;
const nameStart = /[A-Za-z_]/;
const nameRest = /[A-Za-z0-9_]/;
const digit = /[0-9]/;
const hexDigit = /[0-9a-fA-F]/;
const escapedRest = /[A-Za-z0-9_.\-/ ]/;

/** Cuts a text into tokens. It throws a SyntaxProblem. */
export function tokens(points: readonly string[]): Token[] {
  const found: Token[] = [];
  for (let at = skip(points, 0); at < points.length; ) {
    const token = next(points, at);
    found.push(token);
    at = skip(points, token.end);
  }
  found.push({ kind: 'end', text: '', start: points.length, end: points.length });
  return found;
}

/** Goes over blanks and comments. */
function skip(points: readonly string[], from: number): number {
  let at = from;
  for (;;) {
    const point = points[at];
    if (point !== undefined && space.test(point)) at++;
    else if (point === '/' && points[at + 1] === '/') while (at < points.length && points[at] !== '\n') at++;
    else return at;
  }
}

function next(points: readonly string[], start: number): Token {
  const token = (kind: Token['kind'], end: number): Token => ({ kind, text: points.slice(start, end).join(''), start, end });
  const prefix = /^(?:[bB][rR]?|[rR])?(?=['"])/.exec(points.slice(start, start + 3).join(''));
  if (prefix !== null) {
    const end = quoted(points, start, start + prefix[0].length, /[rR]/.test(prefix[0]));
    return token(/[bB]/.test(prefix[0]) ? 'bytes' : 'text', end);
  }
  const point = points[start] ?? '';
  if (nameStart.test(point)) return token('name', run(points, start, nameRest));
  if (point === '`') {
    const end = run(points, start + 1, escapedRest);
    if (end === start + 1 || points[end] !== '`') throw unexpected('`', start);
    return { kind: 'escaped', text: points.slice(start + 1, end).join(''), start, end: end + 1 };
  }
  if (digit.test(point) || (point === '.' && digit.test(points[start + 1] ?? ''))) return number(points, start, token);
  const symbol = symbols.find((s) => [...s].every((one, i) => points[start + i] === one));
  if (symbol === undefined) throw unexpected(point, start);
  return token('symbol', start + symbol.length);
}

function run(points: readonly string[], from: number, of: RegExp): number {
  let at = from;
  while (at < points.length && of.test(points[at] ?? '')) at++;
  return at;
}

function number(points: readonly string[], start: number, token: (kind: Token['kind'], end: number) => Token): Token {
  const isUnsigned = (at: number) => points[at] === 'u' || points[at] === 'U';
  if (points[start] === '0' && points[start + 1] === 'x' && hexDigit.test(points[start + 2] ?? '')) {
    const end = run(points, start + 2, hexDigit);
    return isUnsigned(end) ? token('uint', end + 1) : token('int', end);
  }
  let end = run(points, start, digit);
  let float = false;
  if (points[end] === '.' && digit.test(points[end + 1] ?? '')) {
    end = run(points, end + 1, digit);
    float = true;
  }
  if (points[end] === 'e' || points[end] === 'E') {
    const digits = points[end + 1] === '+' || points[end + 1] === '-' ? end + 2 : end + 1;
    const last = run(points, digits, digit);
    if (last > digits) return token('float', last);
  }
  if (float) return token('float', end);
  return isUnsigned(end) ? token('uint', end + 1) : token('int', end);
}

/** Finds the end of a quoted text whose quotes start at `open`. */
function quoted(points: readonly string[], start: number, open: number, raw: boolean): number {
  const quote = points[open] ?? '';
  const long = points[open + 1] === quote && points[open + 2] === quote;
  const width = long ? 3 : 1;
  for (let at = open + width; at < points.length; at++) {
    const point = points[at] ?? '';
    if (point === '\\' && !raw) at++;
    else if (!long && (point === '\n' || point === '\r')) break;
    else if (Array.from({ length: width }, (_, i) => points[at + i]).every((one) => one === quote)) return at + width;
  }
  throw unexpected(points.slice(start).join(''), start);
}

/** The problem of a token that cannot stand where it does. */
export function unexpected(text: string, at: number): SyntaxProblem {
  return new SyntaxProblem(`unexpected \`${text}\``, at);
}

const simple: Readonly<Record<string, number>> = {
  a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92, "'": 39, '"': 34, '`': 96, '?': 63,
};

/** The characters of a text literal, or the bytes of a bytes literal. */
export function unquote(token: Token): string | Uint8Array {
  const isBytes = token.kind === 'bytes';
  const open = token.text.search(/['"]/);
  const raw = /[rR]/.test(token.text.slice(0, open));
  const body = token.text.slice(open).replace(/\r\n?/g, '\n');
  const width = body.startsWith(body.charAt(0).repeat(3)) && body.length >= 6 ? 3 : 1;
  const inner = body.slice(width, -width);
  const bytes: number[] = [];
  let text = '';
  const put = (plain: string) => (isBytes ? bytes.push(...new TextEncoder().encode(plain)) : (text += plain));
  const code = (value: number) => {
    if (isBytes) bytes.push(value);
    else if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) throw new SyntaxProblem('invalid unicode code point', token.start);
    else text += String.fromCodePoint(value);
  };
  for (let rest = inner; rest !== ''; ) {
    const escape = raw ? null : /^\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/.exec(rest);
    if (escape === null) {
      const plain = raw || !rest.includes('\\') ? rest : rest.slice(0, Math.max(rest.indexOf('\\'), 1));
      put(plain);
      rest = rest.slice(plain.length);
      continue;
    }
    const [whole, byte, short, long, octal, other = ''] = escape;
    const hex = byte ?? short ?? long;
    if (hex !== undefined && (byte !== undefined || !isBytes)) code(Number.parseInt(hex, 16));
    else if (octal !== undefined) code(Number.parseInt(octal, 8));
    else if (Object.hasOwn(simple, other)) code(simple[other] ?? 0);
    else throw unexpected(token.text, token.start);
    rest = rest.slice(whole.length);
  }
  return isBytes ? new Uint8Array(bytes) : text;
}

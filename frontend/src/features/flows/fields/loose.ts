import type { Json } from '@/values/json';

/** Writes a setting that may be any JSON as a person types it: texts stand without quotes unless they would read as something else. */
export function writeLoose(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && isPlain(value)) return value;
  return JSON.stringify(value, null, 2);
}

const strict = /^[[{"]/;
const scalar = /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/;

function isPlain(text: string): boolean {
  return text !== '' && text === text.trim() && !strict.test(text) && !scalar.test(text);
}

/** Reads it back. A text that begins like a list, an object or a quoted text must be JSON: a SyntaxError says what is wrong. */
export function readLoose(typed: string): Json | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  return strict.test(text) || scalar.test(text) ? (JSON.parse(text) as Json) : text;
}

import { Decimal } from '@/values/decimal';
import { localeOf } from '@/values/locale';
import type { Value } from '@/values/value';
import { Problem } from './check';

/** Signs are those between the digits of a number in a language. */
interface Signs {
  point: string;
  group: string;
}

function signsOf(language: string): Signs {
  const parts = new Intl.NumberFormat(localeOf(language)).formatToParts(1234567.5);
  const of = (type: string) => parts.find((part) => part.type === type)?.value;
  return { point: of('decimal') ?? '.', group: of('group') ?? ',' };
}

/** A number in a language as text for Decimal; undefined when separators stand where none belong, so that 1.5 is never read as 15. */
function canonical(text: string, language: string): string | undefined {
  const { point, group } = signsOf(language);
  const [whole = '', fraction, ...more] = text.trim().replace(/^−/, '-').split(point);
  if (more.length > 0 || fraction?.includes(group)) return undefined;
  const [first = '', ...rest] = whole.split(group);
  if (rest.some((part) => !/^\d{3}$/.test(part)) || (rest.length > 0 && !/^[+-]?\d{1,3}$/.test(first))) return undefined;
  return first + rest.join('') + (fraction === undefined ? '' : `.${fraction}`);
}

/** Reads what was typed for a number. Empty text is null. */
export function readNumber(text: string, language: string): Value | Problem {
  if (text.trim() === '') return null;
  const plain = canonical(text, language);
  const value = plain === undefined || /e/i.test(plain) ? undefined : Decimal.parse(plain);
  if (value !== undefined) return value;
  if (plain !== undefined && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return new Problem('tooLarge');
  return new Problem('number');
}

/** Reads what was typed for a whole number of 64 bits. Empty text is null. */
export function readInteger(text: string, language: string): Value | Problem {
  if (text.trim() === '') return null;
  const plain = canonical(text, language);
  if (plain === undefined || !/^[+-]?\d+$/.test(plain)) return new Problem('integer');
  const value = BigInt(plain.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : new Problem('tooLarge');
}

/** The text of a number while it is edited: exact, without separators of groups, with the digits of its field. */
export function writeNumber(value: Value, language: string, precision?: number): string {
  if (value === null) return '';
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Decimal)) return '';
  const scale = Math.max(value.scale, precision ?? 0); // nothing is rounded away unseen
  return value.toFixed(scale).replace('.', signsOf(language).point);
}

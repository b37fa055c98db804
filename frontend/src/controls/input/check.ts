import type { Field } from '@/api';
import { Decimal } from '@/values/decimal';
import type { Value } from '@/values/value';
import { unreadText } from './unread';

/** Problem is why a text or a value does not do: a text `controls:input.problem.<key>` and what it names. */
export class Problem {
  constructor(
    readonly key: ProblemKey,
    readonly params: Readonly<Record<string, string | number>> = {},
  ) {}
}

export type ProblemKey =
  | 'required'
  | 'tooShort'
  | 'tooLong'
  | 'integer'
  | 'number'
  | 'tooLarge'
  | 'least'
  | 'most'
  | 'digits'
  | 'incomplete'
  | 'address'
  | 'fileSize'
  | 'fileType'
  | 'fileEmpty';

/** Whether a required field would still be missing. */
export function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/**
 * What the rules of a field say of a value, as the server will say it: there is no need to wait for that. A pattern is left to the
 * server, whose expressions are of another kind than the browser's. Numbers in the answer are canonical text.
 */
export function check(field: Field | undefined, required: boolean, value: Value | undefined): Problem | undefined {
  if (unreadText(value) !== undefined) return checkUnread(field);
  if (isEmpty(value)) return required ? new Problem('required') : undefined;
  if (typeof value === 'string') return checkText(field, value);
  if (typeof value === 'bigint') return checkInteger(field, value);
  if (value instanceof Decimal) return checkNumber(field, value);
  return undefined;
}

function checkUnread(field: Field | undefined): Problem {
  if (field?.type === 'FIELD_TYPE_INTEGER') return new Problem('integer');
  return new Problem(field?.type === 'FIELD_TYPE_NUMBER' ? 'number' : 'incomplete');
}

function checkText(field: Field | undefined, value: string): Problem | undefined {
  if (field?.type === 'FIELD_TYPE_URI') return isAddress(value) ? undefined : new Problem('address');
  const length = Array.from(value).length; // the server counts code points
  const { minLength = 0, maxLength = 0 } = field?.string ?? {};
  if (length < minLength) return new Problem('tooShort', { count: minLength });
  if (maxLength > 0 && length > maxLength) return new Problem('tooLong', { count: maxLength });
  return undefined;
}

function isAddress(value: string): boolean {
  return URL.canParse(value) && !/^(javascript|data|vbscript):/i.test(value.trim());
}

function checkInteger(field: Field | undefined, value: bigint): Problem | undefined {
  const { min, max } = field?.integer ?? {};
  if (min !== undefined && value < BigInt(min)) return new Problem('least', { bound: min });
  if (max !== undefined && value > BigInt(max)) return new Problem('most', { bound: max });
  return undefined;
}

function checkNumber(field: Field | undefined, value: Decimal): Problem | undefined {
  const min = Decimal.parse(field?.number?.min ?? '');
  const max = Decimal.parse(field?.number?.max ?? '');
  const precision = field?.number?.precision;
  if (min !== undefined && value.compare(min) < 0) return new Problem('least', { bound: min.toString() });
  if (max !== undefined && value.compare(max) > 0) return new Problem('most', { bound: max.toString() });
  if (precision !== undefined && value.scale > precision) return new Problem('digits', { count: precision });
  return undefined;
}

/** What speaks against a file before it is sent. The browser's idea of a type may be empty: then the server looks at the content. */
export function checkFile(field: Field | undefined, file: { size: number; type: string }): Problem | undefined {
  const most = Number(field?.file?.maxBytes ?? 0);
  const accepted = field?.file?.acceptedTypes ?? [];
  if (file.size === 0) return new Problem('fileEmpty');
  if (most > 0 && file.size > most) return new Problem('fileSize', { bytes: most });
  if (accepted.length === 0 || file.type === '' || accepted.some((type) => accepts(type, file.type))) return undefined;
  return new Problem('fileType', { types: accepted.join(', ') });
}

function accepts(accepted: string, type: string): boolean {
  const media = (type.split(';')[0] ?? '').toLowerCase();
  const wanted = accepted.toLowerCase();
  return wanted === media || (wanted.endsWith('/*') && media.startsWith(wanted.slice(0, -1)));
}

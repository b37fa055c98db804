import { Decimal } from '@/values/decimal';
import type { FieldKind } from '@/values/value';
import { isDay } from '@/values/wire';

/** Condition is what a user asks of one column. */
export interface Condition {
  /** Field or path below the entry. */
  field: string;
  kind: FieldKind;
  operator: string;
  /** What was typed or chosen: text, or a day as "2026-01-31". */
  value: string;
}

/** Operators that need no value. */
const bare = ['isEmpty', 'isNotEmpty'];

export const textOperators = ['contains', 'doesNotContain', 'equals', 'doesNotEqual', 'startsWith', 'endsWith', ...bare] as const;
export const numberOperators = ['=', '!=', '>', '>=', '<', '<=', ...bare] as const;
export const dayOperators = ['is', 'not', 'after', 'onOrAfter', 'before', 'onOrBefore', ...bare] as const;
export const choiceOperators = ['is', 'not'] as const;

/** Longest text that is searched for. */
const maxText = 200;

/** The condition as CEL over "entry", or "" while it is not complete. Whatever was typed goes in as a literal. */
export function conditionFilter({ field, kind, operator, value }: Condition): string {
  const path = `entry.${field}`;
  const text = kind === 'string' || kind === 'uri' || kind === 'catalog';
  // People know a reference by the name of what it leads to.
  const subject = kind === 'catalog' ? `${path}.name` : path;
  if (operator === 'isEmpty') return kind === 'string' || kind === 'uri' ? `(${path} == null || ${path} == "")` : `${path} == null`;
  if (operator === 'isNotEmpty') return kind === 'string' || kind === 'uri' ? `(${path} != null && ${path} != "")` : `${path} != null`;
  if (value.trim() === '') return '';
  if (text) return textFilter(subject, operator, value);
  switch (kind) {
    case 'integer':
    case 'number':
      return numberFilter(path, operator, value);
    case 'boolean':
      return value === 'true' || value === 'false' ? `${path} == ${value}` : '';
    case 'date':
      return isDay(value) ? dayFilter(path, operator, `date(${quote(value)})`, `date(${quote(nextDay(value))})`) : '';
    case 'datetime':
      return isDay(value) ? dayFilter(path, operator, instant(value), instant(nextDay(value))) : '';
    default:
      return '';
  }
}

function textFilter(subject: string, operator: string, value: string): string {
  const wanted = value.slice(0, maxText);
  const loose = (method: string) => `${subject}.lowerAscii().${method}(${quote(lower(wanted))})`;
  switch (operator) {
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return loose(operator);
    case 'doesNotContain':
      return `(${subject} == null || !${loose('contains')})`;
    case 'equals':
      return `${subject} == ${quote(wanted)}`;
    case 'doesNotEqual':
      return `${subject} != ${quote(wanted)}`;
    default:
      return '';
  }
}

const comparisons: Readonly<Record<string, string>> = { '=': '==', is: '==', '!=': '!=', not: '!=', '>': '>', '>=': '>=', '<': '<', '<=': '<=' };

function numberFilter(path: string, operator: string, value: string): string {
  const number = Decimal.parse(value.replace(',', '.'));
  const comparison = comparisons[operator];
  return number === undefined || comparison === undefined ? '' : `${path} ${comparison} ${number.toString()}`;
}

/** A day lasts from its beginning to that of the next one. */
function dayFilter(path: string, operator: string, from: string, to: string): string {
  switch (operator) {
    case 'is':
      return `(${path} >= ${from} && ${path} < ${to})`;
    case 'not':
      return `(${path} == null || ${path} < ${from} || ${path} >= ${to})`;
    case 'after':
      return `${path} >= ${to}`;
    case 'onOrAfter':
      return `${path} >= ${from}`;
    case 'before':
      return `${path} < ${from}`;
    case 'onOrBefore':
      return `${path} < ${to}`;
    default:
      return '';
  }
}

/** Where a day begins for whoever looks at the grid. */
function instant(day: string): string {
  return `datetime(${quote(`${new Date(`${day}T00:00:00`).toISOString().slice(0, 19)}Z`)})`;
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** Finds a text in any of the fields; "" when there is none to look for. */
export function searchFilter(fields: readonly Pick<Condition, 'field' | 'kind'>[], text: string): string {
  const wanted = text.trim();
  if (wanted === '' || fields.length === 0) return '';
  return fields.map((one) => `(entry.${one.field} != null && ${conditionFilter({ ...one, operator: 'contains', value: wanted })})`).join(' || ');
}

/** All that are not empty, joined. */
export function allOf(...filters: readonly string[]): string {
  const some = filters.map((one) => one.trim()).filter(Boolean);
  return some.length === 1 ? (some[0] ?? '') : some.map((one) => `(${one})`).join(' && ');
}

/** A text as CEL has it; its escapes are those of JSON. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** As lowerAscii does. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

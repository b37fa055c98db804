import type { Field } from '@/api';
import { Decimal } from './decimal';
import { localeOf } from './locale';
import { Day, Instant, Reference, StoredFile, TimeOfDay, type Value } from './value';

/**
 * Writes a value for people, in their language and time zone: numbers with separators, dates as their region has them, an enumeration by
 * its label when the field is given. Absent and null are empty.
 */
export function formatValue(value: Value | undefined, language: string, field?: Field): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '✓' : '–';
  if (typeof value === 'bigint') {
    const option = field?.integer?.options?.find((o) => o.value === value.toString());
    return option?.label ?? new Intl.NumberFormat(localeOf(language)).format(value);
  }
  if (value instanceof Decimal) return formatDecimal(value, language, field?.number?.precision);
  if (value instanceof Day) return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(value.text));
  if (value instanceof Instant) return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'short' }).format(value.toDate());
  if (value instanceof TimeOfDay) return value.text.slice(0, 5);
  if (value instanceof Reference || value instanceof StoredFile) return value.id;
  if (value instanceof Uint8Array) return `${value.length} B`;
  if (Array.isArray(value)) return value.map((item: Value) => formatValue(item, language)).join(', ');
  return Object.entries(value)
    .map(([name, member]) => `${name}: ${formatValue(member as Value, language)}`)
    .join(', ');
}

/** Digits come from the exact text, all that are stored unless the field says how many; only the signs between them from the region. */
function formatDecimal(value: Decimal, language: string, precision: number | undefined): string {
  const [whole = '', fraction] = value.toFixed(precision ?? value.scale).split('.');
  const format = new Intl.NumberFormat(localeOf(language));
  const point = format.formatToParts(1.5).find((part) => part.type === 'decimal')?.value ?? '.';
  const grouped = format.format(BigInt(whole));
  const sign = whole.startsWith('-') && !grouped.startsWith('-') ? '-' : '';
  return sign + grouped + (fraction === undefined ? '' : point + fraction);
}

import { localeOf } from '@/values/locale';
import { Day, Instant, TimeOfDay, type Value } from '@/values/value';
import { isDay, isTime, readInstant } from '@/values/wire';
import { Problem } from './check';

/** Reads the text of a browser's input for a day. */
export function readDay(text: string): Value | Problem {
  if (text === '') return null;
  return isDay(text) ? new Day(text) : new Problem('incomplete');
}

/** Reads the text of a browser's input for a time: "13:05" or "13:05:30". */
export function readTime(text: string): Value | Problem {
  if (text === '') return null;
  const whole = /^\d{2}:\d{2}$/.test(text) ? `${text}:00` : text;
  return isTime(whole) ? new TimeOfDay(whole) : new Problem('incomplete');
}

/** Reads the text of a browser's input for a day and a time, which are those of the browser's time zone. */
export function readDateTime(text: string): Value | Problem {
  if (text === '') return null;
  const [day = '', time = ''] = text.split('T');
  if (!isDay(day) || !(readTime(time) instanceof TimeOfDay)) return new Problem('incomplete');
  const at = new Date(text); // without an offset it is local
  return (Number.isNaN(at.getTime()) ? undefined : readInstant(at.toISOString())) ?? new Problem('incomplete');
}

/** Text for a browser's input. */
export function writeDay(value: Value): string {
  return value instanceof Day ? value.text : '';
}

/** Seconds are shown when there are any. */
export function writeTime(value: Value): string {
  if (!(value instanceof TimeOfDay)) return '';
  return value.text.slice(0, value.text.slice(5, 8) === ':00' || value.text.length < 8 ? 5 : 8);
}

export function writeDateTime(value: Value): string {
  if (!(value instanceof Instant)) return '';
  const at = value.toDate();
  const digits = (number: number, length = 2) => String(number).padStart(length, '0');
  const day = `${digits(at.getFullYear(), 4)}-${digits(at.getMonth() + 1)}-${digits(at.getDate())}`;
  const seconds = at.getSeconds() === 0 ? '' : `:${digits(at.getSeconds())}`;
  return `${day}T${digits(at.getHours())}:${digits(at.getMinutes())}${seconds}`;
}

/** The browser's time zone, and its short name in a language at an instant: it may differ in summer. */
export function zoneOf(value: Value, language: string): { name: string; short: string } {
  const format = new Intl.DateTimeFormat(localeOf(language), { timeZoneName: 'short' });
  const at = value instanceof Instant ? value.toDate() : new Date();
  const short = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return { name: format.resolvedOptions().timeZone, short };
}

/** Bounds of an input, as text for it; what does not have the input's form bounds nothing. */
export interface Bounds {
  min: string;
  max: string;
}

/** Gives a bound, which may be typed text or the value of an expression, the form of an input's text. */
export function boundOf(bound: Value, read: (text: string) => Value | Problem, write: (value: Value) => string): string {
  if (typeof bound !== 'string') return write(bound);
  const value = bound.endsWith('Z') ? (readInstant(bound) ?? null) : read(bound);
  return value instanceof Problem ? '' : write(value);
}

/** What bounds say of a value. Texts of one form are in the order of time. */
export function checkBounds(value: Value, write: (value: Value) => string, { min, max }: Bounds, show: (bound: string) => string): Problem | undefined {
  const text = write(value);
  if (min !== '' && text < min) return new Problem('least', { bound: show(min) });
  if (max !== '' && text > max) return new Problem('most', { bound: show(max) });
  return undefined;
}

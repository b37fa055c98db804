import { Day, Instant, TimeOfDay } from '@/values/value';
import { isDay, isTime, readInstant } from '@/values/wire';

/** Duration is a span of time. No value is one: it lives within an evaluation. */
export class Duration {
  constructor(readonly micros: bigint) {}
}

export const notADate = 'not a date like 2026-01-31';
export const notATime = 'not a time of day like 13:05:00';
export const notADatetime = 'not a date and time like 2026-01-31T13:05:00Z';

const dayMicros = 86_400_000_000n;
const dayMillis = 86_400_000;

/** The first and the last microsecond of the years 1 to 9999. */
const minMicros = -62_135_596_800_000_000n;
const maxMicros = 253_402_300_799_999_999n;

/** What 64 bits of nanoseconds hold, about 292 years. */
const maxDuration = 9_223_372_036_854_775n;

export function parseDay(text: string): Day | string {
  return isDay(text) ? new Day(text) : notADate;
}

export function dayOf(year: bigint, month: bigint, day: bigint): Day | string {
  if (year < 1n || year > 9999n || month < 1n || month > 12n || day < 1n || day > 31n) return notADate;
  return parseDay(`${pad(Number(year), 4)}-${pad(Number(month), 2)}-${pad(Number(day), 2)}`);
}

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  return Date.parse(`${day.text}T00:00:00Z`) / dayMillis;
}

function dayAt(number: bigint): Day | string {
  const micros = number * dayMicros;
  if (micros < minMicros || micros > maxMicros) return notADate;
  return new Day(new Date(Number(number) * dayMillis).toISOString().slice(0, 10));
}

export function addDays(day: Day, days: bigint): Day | string {
  return dayAt(BigInt(dayNumber(day)) + days);
}

/** Moves by months and keeps to the last day of a shorter month. */
export function addMonths(day: Day, months: bigint): Day | string {
  if (months > 119_988n || months < -119_988n) return notADate;
  const [year = 0, month = 0, date = 0] = day.text.split('-').map(Number);
  const count = year * 12 + (month - 1) + Number(months);
  const [y, m] = [Math.floor(count / 12), ((count % 12) + 12) % 12];
  if (y < 1 || y > 9999) return notADate;
  const last = new Date(0);
  last.setUTCFullYear(y, m + 1, 0);
  return dayOf(BigInt(y), BigInt(m + 1), BigInt(Math.min(date, last.getUTCDate())));
}

export function parseTime(text: string): TimeOfDay | string {
  const full = /^\d\d:\d\d$/.test(text) ? `${text}:00` : text;
  return isTime(full) ? new TimeOfDay(trimFraction(full)) : notATime;
}

/** Canonical text has no zeros at the end of a fraction. */
function trimFraction(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

export function timeMicros(time: TimeOfDay): bigint {
  const [clock = '', fraction = ''] = time.text.split('.');
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

export function parseInstant(text: string): Instant | string {
  const strict = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
  return (text.length <= 64 && strict.test(text) ? readInstant(text) : undefined) ?? notADatetime;
}

/** Microseconds since 1970. */
export function instantMicros(instant: Instant): bigint {
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(instant.text) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

export function instantAt(micros: bigint): Instant | string {
  if (micros < minMicros || micros > maxMicros) return 'timestamp overflow';
  const second = floorDivide(micros, 1_000_000n);
  const fraction = (micros - second * 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  const text = new Date(Number(second) * 1000).toISOString().slice(0, 19);
  return new Instant(`${text}${fraction === '' ? '' : `.${fraction}`}Z`);
}

export function startOf(day: Day): Instant {
  return new Instant(`${day.text}T00:00:00Z`);
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a / b - (a % b < 0n ? 1n : 0n);
}

export function durationOf(micros: bigint): Duration | string {
  return micros > maxDuration || micros < -maxDuration ? 'duration overflow' : new Duration(micros);
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Reads "1h30m" as Go does. Parts of a microsecond are refused. */
export function parseDuration(text: string): Duration | string {
  const wrong = 'not a duration like "1h30m"';
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return new Duration(0n);
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body) || body.length > 100) return wrong;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit] ?? 0;
    nanos += BigInt(whole === '' ? 0 : whole) * BigInt(size);
    if (fraction !== '') nanos += BigInt(Math.trunc(Number(fraction) * (size / 10 ** fraction.length)));
  }
  if (nanos > 9_223_372_036_854_775_807n) return wrong;
  if (nanos % 1000n !== 0n) return 'a duration has whole microseconds';
  return new Duration((sign === '-' ? -nanos : nanos) / 1000n);
}

/** Clock is an instant as a clock somewhere shows it. */
export interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
}

export function clockOf(instant: Instant): Clock {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = instant.text.slice(0, 19).split(/[-T:]/).map(Number);
  return { year, month, day, hour, minute, second, fraction: fractionOf(instant) };
}

function fractionOf(instant: Instant): string {
  return /\.\d+/.exec(instant.text)?.[0] ?? '';
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Moves an instant to a time zone of the IANA database. Before 1970 the tables of browser and server differ, so that is refused. */
export function clockIn(instant: Instant, zone: string): Clock | string {
  const format = formats.get(zone) ?? zoneFormat(zone);
  if (format === undefined) return `there is no time zone ${JSON.stringify(zone)}`;
  formats.set(zone, format);
  if (instantMicros(instant) < 0n) return 'times before 1970 in a time zone are known to the server alone';
  const parts = new Map(format.formatToParts(instant.toDate()).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = part('year');
  if (parts.get('era') !== 'AD' || year > 9999) return notADatetime;
  const [month, day, hour, minute, second] = [part('month'), part('day'), part('hour'), part('minute'), part('second')];
  return { year, month, day, hour, minute, second, fraction: fractionOf(instant) };
}

/**
 * The server finds a zone by its exact name, as "Europe/Berlin". Browsers also take other cases, offsets and old names such as "PST",
 * which are refused here.
 */
function zoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  const named = /^(?:US|[A-Z][a-z][A-Za-z]*)(?:\/(?![A-Z]{4})[A-Z][A-Za-z0-9+-]*(?:_[A-Za-z0-9+-]+)*)+$/;
  if (zone !== 'UTC' && zone !== 'GMT' && !named.test(zone)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric',
      minute: 'numeric', second: 'numeric',
    });
    const known = format.resolvedOptions().timeZone;
    return known !== zone && known.toLowerCase() === zone.toLowerCase() ? undefined : format;
  } catch {
    return undefined;
  }
}

export function clockDay({ year, month, day }: Clock): Day {
  return new Day(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
}

export function clockTime({ hour, minute, second, fraction }: Clock): TimeOfDay {
  return new TimeOfDay(`${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}`);
}

function pad(value: number, width: number): string {
  return value.toString().padStart(width, '0');
}

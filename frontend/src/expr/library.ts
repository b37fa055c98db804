import { Decimal } from '@/values/decimal';
import { Day, Instant, TimeOfDay } from '@/values/value';
import { decimals, int64, parseDecimal, roundTo } from './arithmetic';
import { add, compare, decimalOf, isTooLong, orFailure } from './operators';
import { matches } from './pattern';
import { Failure, isList, maxText, type Operand, type Run, tooMuch, wrongType } from './runtime';
import {
  addDays, addMonths, clockDay, clockIn, clockOf, clockTime, dayNumber, dayOf, Duration, durationOf, instantMicros, parseDay,
  parseDuration, parseInstant, parseTime, startOf, timeMicros, instantAt,
} from './times';

/** Called with arguments of which one overload of signatures.ts takes each; lists may hold anything. */
type Implementation = (args: readonly Operand[], run: Run) => Operand;

const outOfRange = (index: bigint) => new Failure(`index out of range: ${index}`);

/** Code points, which is what positions in a text count. */
function points(text: string): string[] {
  return Array.from(text);
}

function size([value]: readonly Operand[]): Operand {
  if (typeof value === 'string') return BigInt(points(value).length);
  if (value instanceof Uint8Array) return BigInt(value.length);
  if (value instanceof Map) return BigInt(value.size);
  return value !== undefined && isList(value) ? BigInt(value.length) : wrongType;
}

function indexOf([text, part, from]: readonly Operand[], last: boolean): Operand {
  const [all, sought] = [points(String(text)), points(String(part))];
  let at = typeof from === 'bigint' ? from : 0n;
  if (last && from === undefined) {
    if (sought.length === 0) return BigInt(all.length);
    if (all.length < sought.length) return -1n;
    at = BigInt(all.length - 1);
  }
  if (at < 0n) return outOfRange(at);
  if (sought.length === 0) return at > BigInt(all.length) ? BigInt(all.length) : at;
  if (at >= BigInt(all.length)) return -1n;
  const starts = (i: number) => sought.every((point, j) => all[i + j] === point);
  if (last) {
    for (let i = Math.min(Number(at), all.length - sought.length); i >= 0; i--) if (starts(i)) return BigInt(i);
  } else {
    for (let i = Number(at); i <= all.length - sought.length; i++) if (starts(i)) return BigInt(i);
  }
  return -1n;
}

function substring([text, start, end]: readonly Operand[]): Operand {
  const all = points(String(text));
  const length = BigInt(all.length);
  const from = start as bigint;
  const to = typeof end === 'bigint' ? end : length;
  if (typeof end === 'bigint' && from > to) return new Failure(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0n || from > length) return outOfRange(from);
  if (to < 0n || to > length) return outOfRange(to);
  return all.slice(Number(from), Number(to)).join('');
}

function charAt([text, index]: readonly Operand[]): Operand {
  const all = points(String(text));
  const at = index as bigint;
  return at < 0n || at > BigInt(all.length) ? outOfRange(at) : (all[Number(at)] ?? '');
}

function pieces(text: string, separator: string): string[] {
  return separator === '' ? points(text) : text.split(separator);
}

function split([text, separator, count]: readonly Operand[]): Operand {
  const parts = pieces(String(text), String(separator));
  if (typeof count !== 'bigint' || count < 0n || count >= BigInt(parts.length)) return parts;
  if (count === 0n) return [];
  const kept = Number(count) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(String(separator))];
}

function replace([text, old, by, count]: readonly Operand[]): Operand {
  const [whole, before, after] = [String(text), String(old), String(by)];
  const parts = before === '' ? ['', ...points(whole), ''] : whole.split(before);
  const limit = typeof count === 'bigint' && count >= 0n ? Number(count) : Infinity;
  const times = Math.min(parts.length - 1, limit);
  if (isTooLong(whole.length + times * Math.max(after.length - before.length, 0)) || whole.length + times * after.length * 3 > maxText * 3) return tooMuch;
  return parts.reduce((made, part, i) => made + (i <= times ? after : before) + part);
}

function join([list, separator = '']: readonly Operand[]): Operand {
  const items = list as readonly Operand[];
  if (!items.every((item) => typeof item === 'string')) return new Failure('join takes a list of texts');
  const units = items.reduce((sum, item) => sum + String(item).length + String(separator).length, 0);
  const joined = items.join(String(separator));
  return isTooLong(units, joined) ? tooMuch : joined;
}

/** Combines the items that are not null, as aggregates in SQL do. */
function fold(list: Operand | undefined, start: Operand, combine: (l: Operand, r: Operand) => Operand): Operand {
  let result = start;
  for (const item of list as readonly Operand[]) {
    if (item === null) continue;
    result = combine(result, item);
    if (result instanceof Failure) return result;
  }
  return result;
}

function best(list: Operand | undefined, sign: -1 | 1): Operand {
  return fold(list, null, (kept, item) => {
    if (kept === null) return item;
    const c = compare(item, kept);
    return c instanceof Failure ? c : Math.sign(c) === sign ? item : kept;
  });
}

function average([list]: readonly Operand[]): Operand {
  const count = (list as readonly Operand[]).filter((item) => item !== null).length;
  const sum = fold(list, 0n, add);
  if (sum instanceof Failure) return sum;
  if (count === 0) return null;
  const [total, n] = [decimalOf(sum), decimalOf(BigInt(count))];
  return total === undefined || n === undefined ? wrongType : orFailure(decimals['/'](total, n));
}

function toInt([value]: readonly Operand[]): Operand {
  const overflow = new Failure('integer overflow');
  if (value instanceof Decimal) {
    const whole = roundTo(value, 0n, 'trunc');
    return typeof whole === 'string' ? overflow : (int64(whole.digits) ?? overflow);
  }
  if (value instanceof Instant) {
    const micros = instantMicros(value);
    return micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  }
  if (typeof value !== 'string') return value ?? null;
  if (!/^[+-]?\d{1,100}$/.test(value)) return new Failure('not a whole number');
  return int64(BigInt(value.replace('+', ''))) ?? overflow;
}

function toText([value]: readonly Operand[]): Operand {
  if (value instanceof Day || value instanceof TimeOfDay || value instanceof Instant) return value.text;
  if (!(value instanceof Uint8Array)) return String(value);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return new Failure('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function toBool([value]: readonly Operand[]): Operand {
  if (typeof value !== 'string') return value ?? null;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value) ? false : wrongType;
}

function toDecimal([value]: readonly Operand[]): Operand {
  return typeof value === 'string' ? orFailure(parseDecimal(value)) : (decimalOf(value ?? null) ?? wrongType);
}

function rounding(how: 'half' | 'floor' | 'ceil' | 'trunc'): Implementation {
  return ([value, places]) => {
    if (typeof value === 'bigint' && places === undefined) return value;
    const number = decimalOf(value ?? null);
    return number === undefined ? wrongType : orFailure(roundTo(number, typeof places === 'bigint' ? places : 0n, how));
  };
}

function abs([value]: readonly Operand[]): Operand {
  if (typeof value === 'bigint') return value < 0n ? (int64(-value) ?? new Failure('integer overflow')) : value;
  if (!(value instanceof Decimal)) return wrongType;
  const text = value.toString();
  return orFailure(parseDecimal(text.replace('-', '')));
}

function toDate([value, second, third]: readonly Operand[]): Operand {
  if (typeof value === 'string') return orFailure(parseDay(value));
  if (typeof value === 'bigint') return orFailure(dayOf(value, second as bigint, third as bigint));
  const clock = typeof second === 'string' ? clockIn(value as Instant, second) : clockOf(value as Instant);
  return typeof clock === 'string' ? new Failure(clock) : clockDay(clock);
}

function toTime([value, zone]: readonly Operand[]): Operand {
  if (typeof value === 'string') return orFailure(parseTime(value));
  const clock = typeof zone === 'string' ? clockIn(value as Instant, zone) : clockOf(value as Instant);
  return typeof clock === 'string' ? new Failure(clock) : clockTime(clock);
}

function toInstant([value, time]: readonly Operand[]): Operand {
  if (typeof value === 'string') return orFailure(parseInstant(value));
  const start = startOf(value as Day);
  return time instanceof TimeOfDay ? orFailure(instantAt(instantMicros(start) + timeMicros(time))) : start;
}

function span(micros: bigint): Implementation {
  return ([count]) => {
    const duration = durationOf((count as bigint) * micros);
    return typeof duration === 'string' ? new Failure('the duration is out of range') : duration;
  };
}

const second = 1_000_000n;

/** Parts of days and instants; of instants they are in UTC. */
function dayPart(part: (day: Day) => number): Implementation {
  return ([value]) => BigInt(part(value instanceof Day ? value : clockDay(clockOf(value as Instant))));
}

function clockPart(unit: bigint, modulo: bigint): Implementation {
  return ([value]) => {
    if (value instanceof Duration) return value.micros / unit;
    const day = 86_400n * second;
    const micros = value instanceof TimeOfDay ? timeMicros(value) : ((instantMicros(value as Instant) % day) + day) % day;
    return (micros / unit) % modulo;
  };
}

const field = (index: number) => (day: Day) => Number(day.text.split('-')[index]);
const weekday = (day: Day) => (((dayNumber(day) + 3) % 7) + 7) % 7;
const yearDay = (day: Day) => dayNumber(day) - dayNumber(new Day(`${day.text.slice(0, 4)}-01-01`));
const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const upper = (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());

/** White space of Unicode, which String.trim has one more of and one less. */
const blanks = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

/** What each function does. */
export const library: ReadonlyMap<string, Implementation> = new Map<string, Implementation>([
  ['size', size],
  ['decimal', toDecimal],
  ['int', toInt],
  ['bool', toBool],
  ['bytes', ([value]) => (typeof value === 'string' ? new TextEncoder().encode(value) : (value ?? null))],
  ['string', toText],
  ['floor', rounding('floor')],
  ['ceil', rounding('ceil')],
  ['trunc', rounding('trunc')],
  ['round', rounding('half')],
  ['abs', abs],
  ['contains', ([text, part]) => String(text).includes(String(part))],
  ['startsWith', ([text, part]) => String(text).startsWith(String(part))],
  ['endsWith', ([text, part]) => String(text).endsWith(String(part))],
  [
    'matches',
    ([text, pattern]) => {
      const found = matches(String(text), String(pattern));
      if (found === 'too much') return tooMuch;
      return typeof found === 'boolean' ? found : new Failure(found.problem);
    },
  ],
  ['charAt', charAt],
  ['indexOf', (args) => indexOf(args, false)],
  ['lastIndexOf', (args) => indexOf(args, true)],
  ['lowerAscii', ([text]) => lower(String(text))],
  ['upperAscii', ([text]) => upper(String(text))],
  ['trim', ([text]) => String(text).replace(blanks, '')],
  ['replace', replace],
  ['split', split],
  ['substring', substring],
  ['join', join],
  ['now', (_, run) => run.now],
  ['today', (_, run) => clockDay(clockOf(run.now))],
  ['date', toDate],
  ['time', toTime],
  ['datetime', toInstant],
  ['duration', ([text]) => orFailure(parseDuration(String(text)))],
  ['days', span(86_400n * second)],
  ['hours', span(3600n * second)],
  ['minutes', span(60n * second)],
  ['seconds', span(second)],
  ['addDays', ([day, count]) => orFailure(addDays(day as Day, count as bigint))],
  ['addMonths', ([day, count]) => orFailure(addMonths(day as Day, count as bigint))],
  ['year', dayPart(field(0))],
  ['month', dayPart(field(1))],
  ['day', dayPart(field(2))],
  ['weekday', dayPart((day) => weekday(day) + 1)],
  ['hour', clockPart(3600n * second, 24n)],
  ['minute', clockPart(60n * second, 60n)],
  ['second', clockPart(second, 60n)],
  ['getFullYear', dayPart(field(0))],
  ['getMonth', dayPart((day) => field(1)(day) - 1)],
  ['getDayOfYear', dayPart(yearDay)],
  ['getDayOfMonth', dayPart((day) => field(2)(day) - 1)],
  ['getDate', dayPart(field(2))],
  ['getDayOfWeek', dayPart((day) => (weekday(day) + 1) % 7)],
  ['getHours', clockPart(3600n * second, 24n)],
  ['getMinutes', clockPart(60n * second, 60n)],
  ['getSeconds', clockPart(second, 60n)],
  [
    'getMilliseconds',
    ([value]) => {
      const micros = value instanceof Duration ? value.micros : instantMicros(value as Instant);
      return value instanceof Duration ? micros / 1000n : (((micros % second) + second) % second) / 1000n;
    },
  ],
  ['sum', ([list]) => fold(list, 0n, add)],
  ['avg', average],
  ['min', ([list]) => best(list, -1)],
  ['max', ([list]) => best(list, 1)],
]);

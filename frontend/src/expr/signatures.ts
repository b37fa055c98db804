import { anything, type Checked, listOf, plain, variable } from './unify';

/** Overload is one form of a function or operator: what it takes and gives. */
export interface Overload {
  /** Called on its first argument: a.f(b). */
  readonly member: boolean;
  readonly args: readonly Checked[];
  readonly result: Checked;
}

const bool = plain('bool');
const int = plain('int');
const decimal = plain('decimal');
const text = plain('text');
const bytes = plain('bytes');
const date = plain('date');
const time = plain('time');
const datetime = plain('datetime');
const duration = plain('duration');
const a = variable('A');
const b = variable('B');
const anyMap: Checked = { kind: 'map', key: a, item: b };

/** What each function takes. The last type of a form is its result. */
const table = new Map<string, readonly Overload[]>();

function add(name: string, member: boolean, ...forms: readonly (readonly Checked[])[]): void {
  const overloads = forms.map((form): Overload => ({ member, args: form.slice(0, -1), result: form.at(-1) ?? anything }));
  table.set(name, [...(table.get(name) ?? []), ...overloads]);
}

const numbers = [
  [int, int, int],
  [decimal, decimal, decimal],
  [decimal, int, decimal],
  [int, decimal, decimal],
];

function declare(): void {
  add('_+_', false, ...numbers, [text, text, text], [bytes, bytes, bytes], [listOf(a), listOf(a), listOf(a)],
    [datetime, duration, datetime], [duration, datetime, datetime], [duration, duration, duration]);
  add('_-_', false, ...numbers, [date, date, int], [datetime, datetime, duration], [datetime, duration, datetime], [duration, duration, duration]);
  add('_*_', false, ...numbers);
  add('_/_', false, ...numbers);
  add('_%_', false, [int, int, int]);
  add('-_', false, [int, int], [decimal, decimal]);
  add('!_', false, [bool, bool]);
  add('@not_strictly_false', false, [bool, bool]);
  add('_&&_', false, [bool, bool, bool]);
  add('_||_', false, [bool, bool, bool]);
  for (const equality of ['_==_', '_!=_']) add(equality, false, [anything, anything, bool]);
  const orders = [bool, int, decimal, text, bytes, date, time, datetime, duration].map((type) => [type, type, bool]);
  for (const order of ['_<_', '_<=_', '_>_', '_>=_']) add(order, false, ...orders, [decimal, int, bool], [int, decimal, bool]);
  add('@in', false, [anything, listOf(anything), bool], [anything, { kind: 'map', key: anything, item: anything }, bool]);
  add('_[_]', false, [listOf(a), int, a], [anyMap, a, b]);

  for (const member of [false, true]) add('size', member, [text, int], [bytes, int], [listOf(a), int], [anyMap, int]);
  add('decimal', false, [text, decimal], [int, decimal], [decimal, decimal]);
  add('int', false, [int, int], [text, int], [datetime, int], [decimal, int]);
  add('bool', false, [bool, bool], [text, bool]);
  add('bytes', false, [bytes, bytes], [text, bytes]);
  add('string', false, ...[text, bool, bytes, int, datetime, decimal, date, time].map((type) => [type, text]));
  for (const name of ['floor', 'ceil', 'trunc', 'round', 'abs']) add(name, false, [decimal, decimal], [int, int]);
  add('round', false, [decimal, int, decimal], [int, int, decimal]);

  for (const name of ['contains', 'startsWith', 'endsWith']) add(name, true, [text, text, bool]);
  for (const member of [false, true]) add('matches', member, [text, text, bool]);
  add('charAt', true, [text, int, text]);
  for (const name of ['indexOf', 'lastIndexOf']) add(name, true, [text, text, int], [text, text, int, int]);
  for (const name of ['lowerAscii', 'upperAscii', 'trim']) add(name, true, [text, text]);
  add('replace', true, [text, text, text, text], [text, text, text, int, text]);
  add('split', true, [text, text, listOf(text)], [text, text, int, listOf(text)]);
  add('substring', true, [text, int, text], [text, int, int, text]);
  add('join', true, [listOf(text), text], [listOf(text), text, text]);

  add('now', false, [datetime]);
  add('today', false, [date]);
  add('date', false, [text, date], [int, int, int, date], [datetime, date], [datetime, text, date]);
  add('time', false, [text, time], [datetime, time], [datetime, text, time]);
  add('datetime', false, [text, datetime], [date, datetime], [date, time, datetime]);
  add('duration', false, [text, duration]);
  for (const unit of ['days', 'hours', 'minutes', 'seconds']) add(unit, false, [int, duration]);
  for (const name of ['addDays', 'addMonths']) add(name, true, [date, int, date]);
  for (const part of ['year', 'month', 'day', 'weekday']) add(part, true, [date, int], [datetime, int]);
  for (const part of ['hour', 'minute', 'second']) add(part, true, [time, int], [datetime, int]);
  for (const part of ['getFullYear', 'getMonth', 'getDayOfYear', 'getDayOfMonth', 'getDate', 'getDayOfWeek']) add(part, true, [datetime, int]);
  for (const part of ['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds']) add(part, true, [datetime, int], [duration, int]);

  add('sum', true, [listOf(int), int], [listOf(decimal), decimal]);
  add('avg', true, [listOf(int), decimal], [listOf(decimal), decimal]);
  for (const name of ['min', 'max']) add(name, true, [listOf(a), a]);
}

declare();

/** The overloads of every function and operator. */
export const functions: ReadonlyMap<string, readonly Overload[]> = table;

/** Macros are written as methods, but loop over their first argument. */
export const macros = ['all', 'exists', 'exists_one', 'filter', 'map'] as const;

/** The forms of ?: that are tried in turn: branches of one type, then a mix of int and decimal. */
export function choices(nullLeft: boolean, nullRight: boolean): readonly (readonly Overload[])[] {
  const form = (left: Checked, right: Checked, result: Checked): Overload => ({ member: false, args: [bool, left, right], result });
  const none = plain('null');
  const mixed = [form(int, decimal, decimal), form(decimal, int, decimal)];
  if (nullRight) return [[form(a, none, a)], mixed];
  if (nullLeft) return [[form(none, a, a)], mixed];
  return [[form(a, a, a)], mixed];
}

import { Decimal } from '@/values/decimal';

/** Digits after the point that results are rounded to. */
const maxScale = 18;

const tooLong = 'number has more than 38 digits';

/** Reads what the server reads as a number, or says what is wrong with it. It never rounds. */
export function parseDecimal(text: string): Decimal | string {
  const match = text.length > 128 ? null : /^-?\d+(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return 'not a decimal number';
  const [, fraction = '', exponent = '0'] = match;
  const parsed = Math.abs(Number(exponent)) <= 999 ? Decimal.parse(text) : undefined;
  if (parsed !== undefined) return parsed;
  const digits = text.replace(/[eE].*$/, '').replace(/[-.]/g, '');
  const significant = digits.replace(/^0+|0+$/g, '');
  if (significant === '') return Decimal.parse('0') ?? tooLong;
  const scale = fraction.length - Number(exponent) - (digits.length - digits.replace(/0+$/, '').length);
  return scale > maxScale ? 'number has more than 18 digits after the point' : tooLong;
}

/** Makes digits / 10^scale, rounded half away from zero; a text says what is wrong. */
function make(digits: bigint, scale: number): Decimal | string {
  const fits = scale > maxScale ? divide(digits, 10n ** BigInt(scale - maxScale), 'half') : digits;
  return Decimal.parse(`${fits}e-${Math.min(scale, maxScale)}`) ?? tooLong;
}

type Rounding = 'half' | 'floor' | 'ceil' | 'trunc';

/** Divides by a positive unit. */
function divide(digits: bigint, unit: bigint, rounding: Rounding): bigint {
  const whole = digits / unit;
  const rest = digits % unit;
  const away = digits < 0n ? -1n : 1n;
  switch (rounding) {
    case 'half':
      return (rest < 0n ? -rest : rest) * 2n >= unit ? whole + away : whole;
    case 'floor':
      return rest < 0n ? whole - 1n : whole;
    case 'ceil':
      return rest > 0n ? whole + 1n : whole;
    case 'trunc':
      return whole;
  }
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale];
}

/** The operators on exact numbers, as the server has them: rounded at 18 digits after the point, half away from zero. */
export const decimals: Readonly<Record<'+' | '-' | '*' | '/', (a: Decimal, b: Decimal) => Decimal | string>> = {
  '+': (a, b) => {
    const [x, y, scale] = aligned(a, b);
    return make(x + y, scale);
  },
  '-': (a, b) => {
    const [x, y, scale] = aligned(a, b);
    return make(x - y, scale);
  },
  '*': (a, b) => make(a.digits * b.digits, a.scale + b.scale),
  '/': (a, b) => {
    if (b.digits === 0n) return 'division by zero';
    const [x, y] = aligned(a, b);
    const sign = y < 0n ? -1n : 1n;
    return make(divide(sign * x * 10n ** BigInt(maxScale), sign * y, 'half'), maxScale);
  },
};

/** Rounds to so many digits after the point; a negative number of places rounds to tens, hundreds and so on. */
export function roundTo(a: Decimal, places: bigint, rounding: Rounding = 'half'): Decimal | string {
  const bounded = places > 18n ? 18 : places < -39n ? -39 : Number(places);
  if (a.scale <= bounded) return a;
  const rounded = divide(a.digits, 10n ** BigInt(a.scale - bounded), rounding);
  return bounded >= 0 ? make(rounded, bounded) : make(rounded * 10n ** BigInt(-bounded), 0);
}

export function negated(a: Decimal): Decimal | string {
  return make(-a.digits, a.scale);
}

/** A whole number of 64 bits, or undefined when it does not fit. */
export function int64(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

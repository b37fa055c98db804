/** Most significant digits, and most digits after the point, as everywhere on the platform. */
const precision = 38;
const maxScale = 18;

/**
 * Decimal is an exact number in canonical text: no exponent, no trailing zeros after the point, no "-0". It never passes through a
 * JavaScript number, which would lose digits.
 */
export class Decimal {
  private constructor(
    /** The number is digits / 10^scale. */
    readonly digits: bigint,
    readonly scale: number,
  ) {}

  /** Reads "12", "-0.50" or "1e-3"; undefined for what is no number, or has more digits than are kept. */
  static parse(text: string): Decimal | undefined {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
    if (!match) return undefined;
    const [, sign, whole = '', fraction = '', exponent = '0'] = match;
    if (whole === '' && fraction === '') return undefined;
    let digits = BigInt(whole + fraction);
    let scale = fraction.length - Number(exponent);
    if (scale < 0) {
      digits *= 10n ** BigInt(-scale);
      scale = 0;
    }
    return Decimal.of(sign === '-' ? -digits : digits, scale);
  }

  static fromBigInt(value: bigint): Decimal | undefined {
    return Decimal.of(value, 0);
  }

  private static of(digits: bigint, scale: number): Decimal | undefined {
    while (scale > 0 && digits % 10n === 0n) {
      digits /= 10n;
      scale--;
    }
    if (scale > maxScale || digits.toString().replace('-', '').length > precision) return undefined;
    return new Decimal(digits, scale);
  }

  /** Negative, 0 or positive, as this is less than, equal to or greater than other. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const difference = this.at(scale) - other.at(scale);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.digits === other.digits && this.scale === other.scale;
  }

  /** Rounds half away from zero to so many digits after the point. */
  round(scale: number): Decimal {
    if (scale >= this.scale) return this;
    const unit = 10n ** BigInt(this.scale - scale);
    const half = this.digits < 0n ? -unit / 2n : unit / 2n;
    const rounded = Decimal.of((this.digits + half) / unit, scale);
    if (rounded === undefined) throw new RangeError('rounding made a number longer');
    return rounded;
  }

  /** Canonical text, which is also the wire form. */
  toString(): string {
    return this.toFixed(this.scale);
  }

  /** Text with exactly so many digits after the point. */
  toFixed(scale: number): string {
    const rounded = this.round(scale);
    const all = (rounded.digits < 0n ? -rounded.digits : rounded.digits) * 10n ** BigInt(scale - rounded.scale);
    const text = all.toString().padStart(scale + 1, '0');
    const sign = rounded.digits < 0n ? '-' : '';
    return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
  }

  private at(scale: number): bigint {
    return this.digits * 10n ** BigInt(scale - this.scale);
  }
}

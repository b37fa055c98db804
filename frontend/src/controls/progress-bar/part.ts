import { Decimal } from '@/values/decimal';
import type { Value } from '@/values/value';

/** Where a value stands between two bounds, from 0 to 1; undefined for what is no number or has no room between its bounds. */
export function partOf(value: Value | number, min: Value | number, max: Value | number): number | undefined {
  const at = numberOf(value);
  const from = numberOf(min);
  const to = numberOf(max);
  if (at === undefined || from === undefined || to === undefined || to <= from) return undefined;
  return Math.min(1, Math.max(0, (at - from) / (to - from)));
}

/** A drawing needs no more digits than a JavaScript number has. */
function numberOf(value: Value | number): number | undefined {
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : value instanceof Decimal ? Number(value.toString()) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

import { localeOf } from '@/values/locale';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size in the unit that suits it: "1.4 MB", in steps of 1000 as the units are defined. */
export function writeBytes(bytes: number, language: string): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: units[unit] ?? 'byte',
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: size < 10 ? 1 : 0,
  }).format(size);
}

import type { Value } from '@/values/value';

/** Text stands for itself; without any, the value is null. */
export function readText(text: string): Value {
  return text === '' ? null : text;
}

export function writeText(value: Value): string {
  return typeof value === 'string' ? value : '';
}

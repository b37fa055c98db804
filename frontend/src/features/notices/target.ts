import type { Notice } from '@/api';

/** Where a notice leads; undefined for nowhere. */
export function target({ component = '', page = '', entry = '' }: Notice): string | undefined {
  if (component === '' || page === '') return undefined;
  const path = `/work/${encodeURIComponent(component)}/${encodeURIComponent(page)}`;
  return entry === '' ? path : `${path}?entry=${encodeURIComponent(entry)}`;
}

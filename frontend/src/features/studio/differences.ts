import type { Component } from '@/api';

/** Difference is one place in which a version differs from what it was made of; without a value it was removed. */
export interface Difference {
  path: string;
  value: string | undefined;
}

const most = 12;
const longest = 160;

function unitOf(component: Component, unit: string): unknown {
  const [name = '', ...id] = unit.split('/');
  const section: unknown = component[name as keyof Component];
  if (id.length === 0) return section;
  return Array.isArray(section) ? section.find((part: { id?: string }) => part.id === id.join('/')) : undefined;
}

/** Says where a unit of a component differs from an earlier state, at most a dozen places. Items of a list with an id are told by it. */
export function differences(before: Component, now: Component, unit: string): readonly Difference[] {
  const found: Difference[] = [];
  walk(unitOf(before, unit), unitOf(now, unit), '', found);
  return found.slice(0, most);
}

function walk(a: unknown, b: unknown, path: string, found: Difference[]): void {
  if (Object.is(a, b) || found.length >= most) return;
  const [one, other] = [members(a), members(b)];
  if (one === undefined || other === undefined || (one.size === 0 && other.size === 0)) {
    const value = b === undefined || b === null ? undefined : typeof b === 'string' ? b : JSON.stringify(b);
    if (zero(a) && zero(b)) return;
    found.push({ path, value: value !== undefined && value.length > longest ? `${value.slice(0, longest)}…` : value });
    return;
  }
  for (const name of new Set([...one.keys(), ...other.keys()])) walk(one.get(name), other.get(name), path === '' ? name : `${path}.${name}`, found);
}

/** The server fills what is absent with these. */
function zero(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function members(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(value.map((item: { id?: string; name?: string } | null, i) => [item?.name || item?.id || String(i + 1), item]));
}

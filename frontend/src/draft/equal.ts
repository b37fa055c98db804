/** Whether two JSON values say the same; a member that is undefined is absent. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  }
  const one = members(a);
  const other = new Map(members(b));
  return one.length === other.size && one.every(([name, value]) => other.has(name) && same(value, other.get(name)));
}

/** Whether two JSON values say the same to the server, which fills absent members with their zero. */
export function alike(a: unknown, b: unknown): boolean {
  return same(dense(a), dense(b));
}

function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(dense);
  if (typeof value !== 'object' || value === null) return value === false || value === '' || value === null ? undefined : value;
  const entries = Object.entries(value)
    .map(([name, member]) => [name, dense(member)] as const)
    .filter(([, member]) => member !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function members(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

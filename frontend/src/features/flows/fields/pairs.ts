/** The entries of an object in their order, which is the order of the panel. */
export type Pairs<V> = Readonly<Record<string, V>>;

/** Gives an entry another name and leaves it at its place. Nothing happens when the name is taken. */
export function renamePair<V>(pairs: Pairs<V>, from: string, to: string): Pairs<V> {
  if (to !== from && to in pairs) return pairs;
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name === from ? to : name, value]));
}

/** Removes an entry. */
export function removePair<V>(pairs: Pairs<V>, name: string): Pairs<V> {
  return Object.fromEntries(Object.entries(pairs).filter(([one]) => one !== name));
}

/** Adds an entry for each name that has none. */
export function addPairs<V>(pairs: Pairs<V>, names: readonly string[], value: (name: string) => V): Pairs<V> {
  const missing = names.filter((name) => !(name in pairs));
  return { ...pairs, ...Object.fromEntries(missing.map((name) => [name, value(name)])) };
}

/** Sets an entry; undefined removes it. */
export function setPair<V>(pairs: Pairs<V>, name: string, value: V | undefined): Pairs<V> {
  return value === undefined ? removePair(pairs, name) : { ...pairs, [name]: value };
}

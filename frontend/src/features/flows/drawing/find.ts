import type { Spec } from '@/api';

/** What has all the words, in its order; but what is called so stands before what only mentions them. */
export function findSpecs(specs: readonly Spec[], typed: string): readonly Spec[] {
  const text = typed.trim().toLowerCase();
  const words = text.split(/\s+/).filter(Boolean);
  const has = (within: string) => words.every((word) => within.toLowerCase().includes(word));
  const rank = ({ title = '', type = '' }: Spec) => (title.toLowerCase().startsWith(text) || type.startsWith(text) ? 0 : has(`${title} ${type}`) ? 1 : 2);
  return specs.filter(({ title, type, summary }) => has(`${title} ${type} ${summary}`)).toSorted((a, b) => rank(a) - rank(b));
}

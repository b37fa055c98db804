import { nameFrom } from '@/draft';
import type { PageDocument } from '@/renderer/document';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';

/** Makes a short id that no node of the page has, nor any of the others that are given. */
export function freshId(document: PageDocument, taken: ReadonlySet<string> = new Set()): string {
  for (;;) {
    const id = Array.from(crypto.getRandomValues(new Uint32Array(5)), (n, i) => {
      const alphabet = i === 0 ? letters : letters + digits;
      return alphabet[n % alphabet.length];
    }).join('');
    if (!taken.has(id) && !Object.hasOwn(document.nodes, id)) return id;
  }
}

/** Makes ids for as many nodes as are asked for. */
export function freshIds(document: PageDocument, count: number): readonly string[] {
  const ids = new Set<string>();
  while (ids.size < count) ids.add(freshId(document, ids));
  return [...ids];
}

/** The words as a name that no node of the page has: "Text field" becomes "text_field" or "text_field_2". */
export function freshName(document: PageDocument, words: string, taken: Iterable<string> = []): string {
  return nameFrom(words, [...taken, ...Object.values(document.nodes).map((node) => node.name)], 'control', 60);
}

import { DocumentError, type PageDocument, readDocument } from '@/renderer/document';
import { isObject, type Json } from '@/values/json';
import { type Fragment, fragmentOf, renewed } from './edit';
import { freshIds, freshName } from './names';
import { nodeOf, subtree } from './tree';

/** Tells our text from others on the clipboard. */
const mark = 'aqtra.page.nodes';

/** Longest text that is looked at, in characters. */
const maxLength = 1 << 20;

/** Writes a node with all that stands in it as text for the clipboard. */
export function copied(document: PageDocument, id: string): string {
  const { root, nodes } = fragmentOf(document, id);
  return JSON.stringify({ kind: mark, root, nodes }, null, 2);
}

/** Reads such a text, whoever wrote it; undefined when it is none. */
export function readCopied(text: string): Fragment | undefined {
  if (text.length > maxLength || !text.includes(mark)) return undefined;
  try {
    const json = JSON.parse(text) as Json;
    if (!isObject(json) || json.kind !== mark) return undefined;
    const document = readDocument(json);
    return fragmentOf(document, document.root);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DocumentError) return undefined;
    throw error;
  }
}

/** A fragment with ids and names that are new to the page. */
export function fresh(document: PageDocument, fragment: Fragment): Fragment {
  const all = subtree(fragment, fragment.root);
  const names = new Map<string, string>();
  for (const id of all) {
    const name = nodeOf(fragment, id)?.name ?? '';
    if (!names.has(name)) names.set(name, freshName(document, name, names.values()));
  }
  return renewed(fragment, freshIds(document, all.length), (name) => names.get(name) ?? name);
}

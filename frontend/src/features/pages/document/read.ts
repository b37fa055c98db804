import { type PageDocument, type PageNode, readDocument } from '@/renderer/document';
import { isObject, type Json } from '@/values/json';

/**
 * Reads the document of a page for an editor: a node that says all there is to say is handed on as the same object, so that an edit of
 * one node is seen to leave the others alone. It throws a DocumentError as readDocument does.
 */
export function readPage(json: Json | undefined): PageDocument {
  const document = readDocument(json);
  const source = isObject(json) && isObject(json.nodes) ? json.nodes : {};
  const nodes = Object.entries(document.nodes).map(([id, node]): [string, PageNode] => {
    const same = source[id];
    return [id, isComplete(same) ? same : node];
  });
  return { root: document.root, nodes: Object.fromEntries(nodes) };
}

/** Whether JSON that was found to be a node has all its parts. */
function isComplete(json: unknown): json is PageNode {
  return isObject(json) && typeof json.name === 'string' && isObject(json.props) && isObject(json.slots);
}

/** A new page: nothing but its root. */
export function emptyPage(type: string, title: string): PageDocument {
  return { root: 'page', nodes: { page: { type, name: 'page', props: { title }, slots: { children: [] } } } };
}

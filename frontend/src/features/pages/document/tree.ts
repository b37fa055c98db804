import type { PageDocument, PageNode } from '@/renderer/document';

/** Place is where a node stands, or may be put: before the child of that index. */
export interface Place {
  readonly parent: string;
  readonly slot: string;
  readonly index: number;
}

/** The node with this id; names of Object.prototype are no ids. */
export function nodeOf(document: PageDocument, id: string): PageNode | undefined {
  return Object.hasOwn(document.nodes, id) ? document.nodes[id] : undefined;
}

/** The children in all slots, in the order of the slots. */
export function childrenOf(node: PageNode): readonly string[] {
  return Object.values(node.slots).flat();
}

/** Where a node stands; undefined for the root, and for what stands nowhere. */
export function placeOf(document: PageDocument, id: string): Place | undefined {
  for (const [parent, node] of Object.entries(document.nodes)) {
    for (const [slot, children] of Object.entries(node.slots)) {
      const index = children.indexOf(id);
      if (index >= 0) return { parent, slot, index };
    }
  }
  return undefined;
}

/** A node and all below it, each before what stands in it. */
export function subtree(document: PageDocument, id: string): readonly string[] {
  const node = nodeOf(document, id);
  if (node === undefined) return [];
  return [id, ...childrenOf(node).flatMap((child) => subtree(document, child))];
}

/** Whether a node is the other one or stands in it. */
export function isWithin(document: PageDocument, id: string, outer: string): boolean {
  for (let at: string | undefined = id; at !== undefined; at = placeOf(document, at)?.parent) if (at === outer) return true;
  return false;
}

/** The ids from the root down to a node, both included. */
export function pathTo(document: PageDocument, id: string): readonly string[] {
  const above = placeOf(document, id);
  return above === undefined ? [id] : [...pathTo(document, above.parent), id];
}

/** How many levels a node and what stands in it take. */
export function height(document: PageDocument, id: string): number {
  const node = nodeOf(document, id);
  return node === undefined ? 0 : 1 + Math.max(0, ...childrenOf(node).map((child) => height(document, child)));
}

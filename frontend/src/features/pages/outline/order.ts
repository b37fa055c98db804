import type { PageDocument } from '@/renderer/document';
import { childrenOf, nodeOf, pathTo, type Place, placeOf } from '../document/tree';

/** The nodes as the outline lists them from top to bottom, without those in folded ones. */
export function visibleOrder(document: PageDocument, folded: ReadonlySet<string>): readonly string[] {
  const visit = (id: string): readonly string[] => {
    const node = nodeOf(document, id);
    if (node === undefined) return [];
    return folded.has(id) ? [id] : [id, ...childrenOf(node).flatMap(visit)];
  };
  return visit(document.root);
}

/** Step is what a key does in the outline. */
export type Step = { select: string } | { fold: string } | { unfold: string };

/** What a key does when a node is chosen; undefined when it is no key of ours or there is nothing to do. */
export function stepOf(key: string, document: PageDocument, folded: ReadonlySet<string>, chosen: string | undefined): Step | undefined {
  const order = visibleOrder(document, folded);
  const at = chosen === undefined ? -1 : order.indexOf(chosen);
  const to = (id: string | undefined): Step | undefined => (id === undefined || id === chosen ? undefined : { select: id });
  const children = chosen === undefined ? [] : childrenOf(nodeOf(document, chosen) ?? { type: '', name: '', props: {}, slots: {} });
  switch (key) {
    case 'ArrowDown':
      return to(order[at + 1]);
    case 'ArrowUp':
      return to(order[Math.max(0, at - 1)]);
    case 'Home':
      return to(order[0]);
    case 'End':
      return to(order.at(-1));
    case 'ArrowRight':
      if (chosen === undefined || children.length === 0) return undefined;
      return folded.has(chosen) ? { unfold: chosen } : to(children[0]);
    case 'ArrowLeft':
      if (chosen === undefined) return undefined;
      return children.length > 0 && !folded.has(chosen) ? { fold: chosen } : to(placeOf(document, chosen)?.parent);
    case 'Escape':
      return chosen === undefined ? undefined : to(pathTo(document, chosen).at(-2));
    default:
      return undefined;
  }
}

/** Where a node goes that is let fall on a row of the outline: `part` is how far down the row, from 0 to 1. */
export function placeOnRow(document: PageDocument, row: string, part: number, slots: readonly string[]): Place | undefined {
  const [slot] = slots;
  const at = placeOf(document, row);
  const within = slot === undefined ? undefined : { parent: row, slot, index: nodeOf(document, row)?.slots[slot]?.length ?? 0 };
  if (at === undefined) return within;
  if (within !== undefined && part > 0.3 && part < 0.7) return within;
  return { ...at, index: part < 0.5 ? at.index : at.index + 1 };
}

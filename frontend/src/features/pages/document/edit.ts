import type { PageDocument, PageNode } from '@/renderer/document';
import type { Json } from '@/values/json';
import { height, isWithin, nodeOf, pathTo, type Place, placeOf, subtree } from './tree';

/** Deepest nesting and most nodes of a page; the first is the server's, the second keeps an editor quick. */
const maxDepth = 64;
const maxNodes = 5000;

/** Fragment is a node with all that stands in it, on its way into a page. */
export interface Fragment {
  readonly root: string;
  readonly nodes: Readonly<Record<string, PageNode>>;
}

function withNode(document: PageDocument, id: string, node: PageNode): PageDocument {
  return { ...document, nodes: { ...document.nodes, [id]: node } };
}

function withSlot(document: PageDocument, { parent, slot }: Place, change: (children: readonly string[]) => readonly string[]): PageDocument {
  const node = nodeOf(document, parent);
  if (node === undefined) return document;
  const before = Object.hasOwn(node.slots, slot) ? (node.slots[slot] ?? []) : [];
  return withNode(document, parent, { ...node, slots: { ...node.slots, [slot]: change(before) } });
}

/** Puts a fragment into a slot. The ids must be new, the depth and the number of nodes within bounds; otherwise nothing happens. */
export function add(document: PageDocument, fragment: Fragment, place: Place): PageDocument {
  const ids = Object.keys(fragment.nodes);
  if (nodeOf(document, place.parent) === undefined || nodeOf(fragment, fragment.root) === undefined) return document;
  if (ids.some((id) => Object.hasOwn(document.nodes, id))) return document;
  if (ids.length + Object.keys(document.nodes).length > maxNodes) return document;
  if (pathTo(document, place.parent).length + height(fragment, fragment.root) > maxDepth) return document;
  const grown = { ...document, nodes: { ...document.nodes, ...fragment.nodes } };
  return withSlot(grown, place, (children) => children.toSpliced(place.index, 0, fragment.root));
}

/** Puts a node elsewhere. The root stays, and nothing goes into itself. */
export function move(document: PageDocument, id: string, place: Place): PageDocument {
  const from = placeOf(document, id);
  if (from === undefined || nodeOf(document, place.parent) === undefined || isWithin(document, place.parent, id)) return document;
  if (pathTo(document, place.parent).length + height(document, id) > maxDepth) return document;
  const same = from.parent === place.parent && from.slot === place.slot;
  const index = same && from.index < place.index ? place.index - 1 : place.index;
  if (same && index === from.index) return document;
  const taken = withSlot(document, from, (children) => children.toSpliced(from.index, 1));
  return withSlot(taken, place, (children) => children.toSpliced(index, 0, id));
}

/** Takes a node away with all that stands in it. The root stays. */
export function remove(document: PageDocument, id: string): PageDocument {
  const from = placeOf(document, id);
  if (from === undefined) return document;
  const gone = new Set(subtree(document, id));
  const without = withSlot(document, from, (children) => children.toSpliced(from.index, 1));
  return { ...without, nodes: Object.fromEntries(Object.entries(without.nodes).filter(([one]) => !gone.has(one))) };
}

/** A node with all that stands in it, as it is on the page. */
export function fragmentOf(document: PageDocument, id: string): Fragment {
  const own = new Set(subtree(document, id));
  return { root: id, nodes: Object.fromEntries(Object.entries(document.nodes).filter(([one]) => own.has(one))) };
}

/** The same fragment under other ids and names. Ids are given in the order of its subtree, names by the name that was. */
export function renewed(fragment: Fragment, ids: readonly string[], nameOf: (name: string) => string): Fragment {
  const old = subtree(fragment, fragment.root);
  const renamed = new Map(old.map((id, i) => [id, ids[i] ?? id]));
  const nodes = old.map((id): [string, PageNode] => {
    const node = nodeOf(fragment, id);
    if (node === undefined) throw new Error(`no node ${id}`);
    const slots = Object.fromEntries(
      Object.entries(node.slots).map(([slot, children]) => [slot, children.map((child) => renamed.get(child) ?? child)]),
    );
    return [renamed.get(id) ?? id, { ...node, name: nameOf(node.name), slots }];
  });
  return { root: renamed.get(fragment.root) ?? fragment.root, nodes: Object.fromEntries(nodes) };
}

/** Names a node. */
export function rename(document: PageDocument, id: string, name: string): PageDocument {
  const node = nodeOf(document, id);
  return node === undefined || node.name === name ? document : withNode(document, id, { ...node, name });
}

/** Sets a setting. */
export function setProp(document: PageDocument, id: string, prop: string, value: Json): PageDocument {
  const node = nodeOf(document, id);
  if (node === undefined || (Object.hasOwn(node.props, prop) && node.props[prop] === value)) return document;
  return withNode(document, id, { ...node, props: { ...node.props, [prop]: value } });
}

/** Binds a setting to an expression. */
export function bindProp(document: PageDocument, id: string, prop: string, text: string): PageDocument {
  return setProp(document, id, prop, { $expr: text });
}

/** Takes a setting away, so that its default holds. */
export function clearProp(document: PageDocument, id: string, prop: string): PageDocument {
  const node = nodeOf(document, id);
  if (node === undefined || !Object.hasOwn(node.props, prop)) return document;
  return withNode(document, id, { ...node, props: Object.fromEntries(Object.entries(node.props).filter(([name]) => name !== prop)) });
}

import { isObject, type Json, type JsonObject } from '@/values/json';

/** PageNode is one control on a page. */
export interface PageNode {
  readonly type: string;
  readonly name: string;
  /** A setting may be {"$expr": "CEL"}. */
  readonly props: JsonObject;
  /** Ids of the children, by slot. */
  readonly slots: Readonly<Record<string, readonly string[]>>;
}

/** PageDocument is a page in normalised form: an edit replaces the nodes it touches and keeps all others as they are. */
export interface PageDocument {
  readonly root: string;
  readonly nodes: Readonly<Record<string, PageNode>>;
}

/** Deepest nesting, as the server's check has it. */
const maxDepth = 64;

/** DocumentError says why a document cannot be drawn. */
export class DocumentError extends Error {
  constructor(
    readonly reason: 'not-a-document' | 'no-root' | 'unknown-node' | 'shared-node' | 'too-deep',
    readonly node = '',
  ) {
    super(node === '' ? reason : `${reason}: ${node}`);
    this.name = 'DocumentError';
  }
}

/**
 * Reads a document from the wire. It throws a DocumentError unless the nodes form a tree below the root; what is wrong within a node's
 * settings is for its control to show.
 */
export function readDocument(json: Json | undefined): PageDocument {
  if (!isObject(json) || typeof json.root !== 'string' || !isObject(json.nodes)) throw new DocumentError('not-a-document');
  const nodes: Record<string, PageNode> = {};
  for (const [id, node] of Object.entries(json.nodes)) {
    Object.defineProperty(nodes, id, { value: readNode(id, node), enumerable: true });
  }
  const document = { root: json.root, nodes };
  if (!Object.hasOwn(nodes, document.root)) throw new DocumentError('no-root', document.root);
  checkTree(document);
  return document;
}

function readNode(id: string, json: Json | undefined): PageNode {
  if (!isObject(json) || typeof json.type !== 'string') throw new DocumentError('not-a-document', id);
  const slots: Record<string, readonly string[]> = {};
  for (const [slot, children] of Object.entries(isObject(json.slots) ? json.slots : {})) {
    if (!Array.isArray(children) || !children.every((child) => typeof child === 'string')) throw new DocumentError('not-a-document', id);
    Object.defineProperty(slots, slot, { value: children, enumerable: true });
  }
  return {
    type: json.type,
    name: typeof json.name === 'string' ? json.name : id,
    props: isObject(json.props) ? json.props : {},
    slots,
  };
}

function checkTree(document: PageDocument): void {
  const seen = new Set<string>();
  let level = [document.root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) throw new DocumentError('too-deep', level[0]);
    const next: string[] = [];
    for (const id of level) {
      if (seen.has(id)) throw new DocumentError('shared-node', id);
      seen.add(id);
      const node = Object.hasOwn(document.nodes, id) ? document.nodes[id] : undefined;
      if (node === undefined) throw new DocumentError('unknown-node', id);
      next.push(...Object.values(node.slots).flat());
    }
    level = next;
  }
}

type Listener = () => void;

/**
 * DocumentStore hands a document to the views, node by node. Setting a document wakes the views of those nodes alone that are not the
 * same object as before, so with a thousand controls an edit draws one.
 */
export class DocumentStore {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly rootListeners = new Set<Listener>();

  constructor(private document: PageDocument) {}

  readonly root = (): string => this.document.root;

  readonly node = (id: string): PageNode | undefined => (Object.hasOwn(this.document.nodes, id) ? this.document.nodes[id] : undefined);

  readonly set = (document: PageDocument): void => {
    const before = this.document;
    if (document === before) return;
    this.document = document;
    for (const [id, listeners] of this.listeners) {
      if (document.nodes[id] !== before.nodes[id]) listeners.forEach((wake) => wake());
    }
    if (document.root !== before.root) this.rootListeners.forEach((wake) => wake());
  };

  readonly subscribe = (id: string, listener: Listener): Listener => {
    let set = this.listeners.get(id);
    if (set === undefined) this.listeners.set(id, (set = new Set()));
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.listeners.get(id) === set) this.listeners.delete(id);
    };
  };

  readonly subscribeRoot = (listener: Listener): Listener => {
    this.rootListeners.add(listener);
    return () => this.rootListeners.delete(listener);
  };
}

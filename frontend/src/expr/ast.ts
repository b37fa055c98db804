import type { Decimal } from '@/values/decimal';

/** Literal is a value that stands in the text of an expression. */
export type Literal = null | boolean | bigint | Decimal | string | Uint8Array;

interface Place {
  /** Code point of the text where the node stands: its operator, dot or bracket, as CEL counts. */
  readonly at: number;
}

export interface LiteralNode extends Place {
  readonly kind: 'literal';
  readonly value: Literal;
}

export interface IdentNode extends Place {
  readonly kind: 'ident';
  readonly name: string;
}

export interface SelectNode extends Place {
  readonly kind: 'select';
  readonly operand: Node;
  readonly field: string;
  /** It stands for has(operand.field). */
  readonly test: boolean;
  /** Code point of the name of the field. */
  readonly nameAt: number;
}

export interface CallNode extends Place {
  readonly kind: 'call';
  /** Operators have CEL's names, "_+_". */
  readonly fn: string;
  readonly target: Node | undefined;
  readonly args: readonly Node[];
}

export interface ListNode extends Place {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

export interface MapNode extends Place {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: Node; readonly value: Node }[];
}

/** LoopNode is what exists, all, map and filter become, as in CEL. */
export interface LoopNode extends Place {
  readonly kind: 'loop';
  readonly range: Node;
  readonly variable: string;
  readonly init: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result: Node;
}

/** Node is one node of the syntax tree. */
export type Node = LiteralNode | IdentNode | SelectNode | CallNode | ListNode | MapNode | LoopNode;

/** The name of what a loop gathers; nobody can write it. */
export const accumulator = '@result';

export function isNull(node: Node | undefined): boolean {
  return node?.kind === 'literal' && node.value === null;
}

/** The nodes right below a node, in the order in which they are checked. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [node.operand];
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'loop':
      return [node.range, node.init, node.condition, node.step, node.result];
  }
}

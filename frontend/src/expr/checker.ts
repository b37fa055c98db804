import { children, isNull, type CallNode, type LoopNode, type Node, type SelectNode } from './ast';
import { didYouMean, type Lines, type Problem } from './problem';
import { choices, functions, type Overload } from './signatures';
import type { Shapes } from './shapes';
import { anything, broken, type Checked, checkedText, listOf, plain, Substitutions } from './unify';
import { isIdentifier } from './parser';

const maxAggregates = 32;
const maxProblems = 20;

const typeNames = new Set(['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint']);

/** Names of what an expression may call, for suggestions. */
const callable = [...functions.keys()].filter(isIdentifier);

/** Scope is the chain of loop variables around a node, innermost first. */
interface Scope {
  readonly name: string;
  readonly type: Checked;
  readonly outer: Scope | undefined;
}

/** Typed is a tree whose nodes have types. */
export interface Typed {
  readonly root: Node;
  readonly types: ReadonlyMap<Node, Checked>;
}

/** Gives every node its type, as CEL's checker does, and collects what is wrong. A wrong node counts as one of any type. */
export function checkTypes(root: Node, shapes: Shapes, lines: Lines): { typed: Typed; problems: Problem[] } {
  const checker = new Checker(shapes, lines);
  if (aggregates(root) > maxAggregates) {
    checker.problems.push({ message: `lists, maps and loops are nested deeper than ${maxAggregates} levels`, line: 0, column: 0 });
  } else {
    checker.check(root, undefined);
  }
  return { typed: { root, types: checker.finished() }, problems: checker.problems };
}

/** How deep lists, maps and loops are nested. */
function aggregates(node: Node): number {
  const own = node.kind === 'list' || node.kind === 'map' || node.kind === 'loop' ? 1 : 0;
  return own + Math.max(0, ...children(node).map(aggregates));
}

class Checker {
  readonly problems: Problem[] = [];
  private readonly types = new Map<Node, Checked>();
  private readonly subs = new Substitutions();

  constructor(
    private readonly shapes: Shapes,
    private readonly lines: Lines,
  ) {}

  finished(): ReadonlyMap<Node, Checked> {
    return new Map([...this.types].map(([node, type]) => [node, this.subs.apply(type, true)]));
  }

  check(node: Node, scope: Scope | undefined): Checked {
    const type = this.typeOf(node, scope);
    this.types.set(node, type);
    return type;
  }

  private wrong(at: number, message: string, suggestion?: string): Checked {
    if (this.problems.length < maxProblems) this.problems.push(this.lines.problem(at, message, suggestion));
    return broken;
  }

  private unknown(at: number, name: string): Checked {
    const names = [...this.shapes.variables.keys(), ...callable].sort();
    return this.wrong(at, ...didYouMean(`unknown name \`${name}\``, name, names));
  }

  private typeOf(node: Node, scope: Scope | undefined): Checked {
    switch (node.kind) {
      case 'literal':
        return literalType(node.value);
      case 'ident':
        return this.ident(node.name, node.at, scope);
      case 'select':
        return this.select(node, scope);
      case 'call':
        return this.call(node, scope);
      case 'list':
        return listOf(this.joined(node.items, scope));
      case 'map':
        for (const { key } of node.entries) {
          if (key.kind !== 'literal' || typeof key.value !== 'string') this.wrong(key.at, 'the keys of a map must be literal texts');
          this.check(key, scope);
        }
        return {
          kind: 'map',
          key: node.entries.length === 0 ? this.subs.fresh() : plain('text'),
          item: this.joined(node.entries.map((entry) => entry.value), scope),
        };
      case 'loop':
        return this.loop(node, scope);
    }
  }

  /** The common type of items. Null among them is of any type, or a list of a date and null would be one of nulls. */
  private joined(items: readonly Node[], scope: Scope | undefined): Checked {
    let type: Checked | undefined;
    for (const item of items) {
      const own = this.check(item, scope);
      if (isNull(item)) this.types.set(item, anything);
      type = this.subs.join(type, isNull(item) ? anything : own);
    }
    return type ?? this.subs.fresh();
  }

  private ident(name: string, at: number, scope: Scope | undefined): Checked {
    for (let one = scope; one !== undefined; one = one.outer) if (one.name === name) return one.type;
    const variable = this.shapes.variables.get(name);
    if (variable !== undefined) return this.shapes.checked(variable.type);
    if (typeNames.has(name)) {
      this.wrong(at, `\`${name}\` is the name of a type, not a value`);
      return plain('type');
    }
    return this.unknown(at, name);
  }

  private select(node: SelectNode, scope: Scope | undefined): Checked {
    const field = this.field(node, this.subs.apply(this.check(node.operand, scope)));
    return node.test ? plain('bool') : this.subs.apply(field);
  }

  private field(node: SelectNode, operand: Checked): Checked {
    switch (operand.kind) {
      case 'map':
        return operand.item;
      case 'object': {
        const { shape } = operand;
        const field = shape.fields.get(node.field);
        if (field !== undefined) return this.shapes.checked(field.type);
        const message = `unknown field \`${node.field}\``;
        if (!shape.known) this.wrong(node.nameAt, `${message}: the fields of ${checkedText(operand)} are not known here`);
        else this.wrong(node.nameAt, ...didYouMean(message, node.field, [...shape.fields.keys()]));
        return anything;
      }
      case 'var':
        this.subs.assignable([anything], [operand]);
        return anything;
      case 'any':
      case 'error':
        return anything;
      default:
        this.wrong(node.at, `${checkedText(operand)} has no fields`);
        return anything;
    }
  }

  private call(node: CallNode, scope: Scope | undefined): Checked {
    const args = node.args.map((arg) => this.check(arg, scope));
    if (node.target !== undefined) args.unshift(this.check(node.target, scope));
    if (node.fn === '_&&_' || node.fn === '_||_') return this.logic(node, args);
    const member = node.target !== undefined;
    if (node.fn === '_?_:_') {
      for (const overloads of choices(isNull(node.args[1]), isNull(node.args[2]))) {
        const type = this.resolve(overloads, args, false);
        if (type !== undefined) return type;
      }
      const list = args.map((arg) => checkedText(this.subs.apply(arg, true))).join(', ');
      return this.wrong(node.at, `the condition of ?: must be a bool and both branches of one type, not ${list}`);
    }
    const overloads = functions.get(node.fn);
    if (overloads === undefined) return this.unknown(node.at, node.fn);
    return this.resolve(overloads, args, member) ?? this.wrong(node.at, this.mismatch(node, args));
  }

  private logic(node: CallNode, args: readonly Checked[]): Checked {
    node.args.forEach((arg, i) => {
      const given = args[i] ?? broken;
      if (this.subs.assignable([given], [plain('bool')])) return;
      this.wrong(arg.at, `expected type 'bool' but found '${checkedText(given)}'`);
    });
    return plain('bool');
  }

  /** The result of the overloads that take the arguments: any when they differ, undefined when there is none. */
  private resolve(overloads: readonly Overload[], args: readonly Checked[], member: boolean): Checked | undefined {
    let result: Checked | undefined;
    for (const overload of overloads) {
      if (overload.member !== member || overload.args.length !== args.length) continue;
      const renamed = new Substitutions();
      const fresh = { A: this.subs.fresh(), B: this.subs.fresh() };
      renamed.assignable([fresh.A, fresh.B], [{ kind: 'var', name: 'A' }, { kind: 'var', name: 'B' }]);
      if (!this.subs.assignable(args, overload.args.map((arg) => renamed.apply(arg)))) continue;
      const own = this.subs.apply(renamed.apply(overload.result));
      if (result === undefined) result = own;
      else if (checkedText(result) !== checkedText(own)) result = anything;
    }
    return result;
  }

  private mismatch(node: CallNode, args: readonly Checked[]): string {
    const words = args.map((arg) => checkedText(this.subs.apply(arg, true)));
    const symbol = symbolOf(node.fn);
    if (symbol !== undefined) return `${symbol} cannot be applied to ${words.join(' and ')}`;
    if (node.target === undefined) return `${node.fn}() does not take (${words.join(', ')})`;
    return `${words[0] ?? ''}.${node.fn}() does not take (${words.slice(1).join(', ')})`;
  }

  private loop(node: LoopNode, scope: Scope | undefined): Checked {
    const range = this.subs.apply(this.check(node.range, scope));
    const gathered = this.check(node.init, scope);
    const outer: Scope = { name: '@result', type: gathered, outer: scope };
    const inner: Scope = { name: node.variable, type: this.variableOf(node, range), outer };
    this.check(node.condition, inner);
    const step = this.check(node.step, inner);
    if (!this.subs.assignable([gathered], [step])) {
      this.wrong(node.step.at, `expected type '${checkedText(gathered)}' but found '${checkedText(step)}'`);
    }
    return this.subs.apply(this.check(node.result, outer));
  }

  private variableOf(node: LoopNode, range: Checked): Checked {
    switch (range.kind) {
      case 'list':
        return range.item;
      case 'map':
        return range.key;
      case 'any':
      case 'error':
        return anything;
      case 'var':
        this.subs.assignable([anything], [range]);
        return anything;
      default:
        return this.wrong(
          node.range.at,
          `expression of type '${checkedText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
    }
  }
}

function literalType(value: unknown): Checked {
  if (value === null) return plain('null');
  if (typeof value === 'boolean') return plain('bool');
  if (typeof value === 'bigint') return plain('int');
  if (typeof value === 'string') return plain('text');
  return plain(value instanceof Uint8Array ? 'bytes' : 'decimal');
}

/** The sign of an operator. */
export function symbolOf(fn: string): string | undefined {
  if (fn === '@in') return 'in';
  if (fn === '_[_]') return '[]';
  return /^_?([^\w@]+)_$/.exec(fn)?.[1];
}

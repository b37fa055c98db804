import { Decimal } from '@/values/decimal';
import { Day, Instant, TimeOfDay } from '@/values/value';
import { accumulator, type CallNode, type LoopNode, type MapNode, type Node, type SelectNode } from './ast';
import { binary, compareText, fieldOf, hasField, unary } from './operators';
import { library } from './library';
import { Failure, isList, type Operand, type Run, Thing, wrongType } from './runtime';
import { functions, type Overload } from './signatures';
import { Duration } from './times';
import type { Checked } from './unify';
import type { Typed } from './checker';

/** Code evaluates a node. */
export type Code = (run: Run) => Operand;

interface Scope {
  readonly name: string;
  readonly slot: number;
  readonly outer: Scope | undefined;
}

/** Makes code of a tree that is right by its model. */
export function compile({ root, types }: Typed): Code {
  return new Compiler(types).code(root, undefined);
}

class Compiler {
  private slots = 0;

  constructor(private readonly types: ReadonlyMap<Node, Checked>) {}

  code(node: Node, scope: Scope | undefined): Code {
    switch (node.kind) {
      case 'literal': {
        const { value } = node;
        return () => value;
      }
      case 'ident':
        return this.ident(node.name, scope);
      case 'select':
        return this.select(node, scope);
      case 'call':
        return this.call(node, scope);
      case 'list': {
        const items = node.items.map((item) => this.code(item, scope));
        return (run) => {
          run.spend(10);
          return all(items, run);
        };
      }
      case 'map':
        return this.map(node, scope);
      case 'loop':
        return this.loop(node, scope);
    }
  }

  private ident(name: string, scope: Scope | undefined): Code {
    for (let one = scope; one !== undefined; one = one.outer) {
      if (one.name !== name) continue;
      const { slot } = one;
      return (run) => {
        run.spend(1);
        return run.locals[slot] ?? null;
      };
    }
    return (run) => {
      run.spend(1);
      return run.variable(name);
    };
  }

  private select(node: SelectNode, scope: Scope | undefined): Code {
    const operand = this.code(node.operand, scope);
    const { field, test } = node;
    if (this.types.get(node.operand)?.kind === 'object') {
      return (run) => {
        run.spend(1);
        const from = operand(run);
        if (from instanceof Failure) return from;
        const value = from instanceof Thing ? from.field(field) : null;
        return test && !(value instanceof Failure) ? value !== null : value;
      };
    }
    const read = test ? hasField : fieldOf;
    return (run) => {
      run.spend(1);
      const from = operand(run);
      return from instanceof Failure ? from : read(from, field);
    };
  }

  private call(node: CallNode, scope: Scope | undefined): Code {
    const args = (node.target === undefined ? node.args : [node.target, ...node.args]).map((arg) => this.code(arg, scope));
    const [first = none, second = none, third = none] = args;
    switch (node.fn) {
      case '_&&_':
        return logic(first, second, false);
      case '_||_':
        return logic(first, second, true);
      case '_?_:_': {
        // The int of one that mixes numbers is a decimal, as its type says.
        const mixed = this.types.get(node)?.kind === 'decimal';
        return (run) => {
          const condition = first(run);
          if (condition instanceof Failure) return condition;
          if (typeof condition !== 'boolean') return wrongType;
          const chosen = condition ? second(run) : third(run);
          return mixed && typeof chosen === 'bigint' ? (Decimal.fromBigInt(chosen) ?? null) : chosen;
        };
      }
      case '@not_strictly_false':
        return (run) => first(run) !== false;
    }
    const one = unary.get(node.fn);
    if (one !== undefined) return (run) => priced(run, [first(run)], ([value = null]) => one(value));
    const two = binary.get(node.fn);
    if (two !== undefined) return this.gathering(node, scope) ?? operation(first, second, two, node.fn === '_[_]');
    return this.method(node, args);
  }

  /** CEL chooses among the forms of a function by the types that the checker found, and only among those by the values. */
  private method(node: CallNode, args: readonly Code[]): Code {
    const member = node.target !== undefined;
    const types = (node.target === undefined ? node.args : [node.target, ...node.args]).map((arg) => this.types.get(arg)?.kind ?? 'any');
    const overloads = (functions.get(node.fn) ?? []).filter(
      (one) => one.member === member && one.args.length === args.length && one.args.every((arg, i) => mayTake(arg.kind, types[i] ?? 'any')),
    );
    const apply = library.get(node.fn);
    if (apply === undefined) return none;
    return (run) => {
      const values = all(args, run);
      if (values instanceof Failure) return values;
      return overloads.some((overload) => takes(overload, values)) ? priced(run, values, apply) : wrongType;
    };
  }

  /** A loop's "@result + [x]" adds to the list in place, or a loop would cost the square of its length. */
  private gathering(node: CallNode, scope: Scope | undefined): Code | undefined {
    const [into, added] = node.args;
    if (node.fn !== '_+_' || into?.kind !== 'ident' || into.name !== accumulator || added?.kind !== 'list') return undefined;
    const gathered = this.code(into, scope);
    const items = added.items.map((item) => this.code(item, scope));
    return (run) => {
      run.spend(12);
      const list = gathered(run);
      const more = all(items, run);
      if (list instanceof Failure) return list;
      if (more instanceof Failure) return more;
      if (isList(list)) (list as Operand[]).push(...more); // made by this loop, and seen by nobody else
      run.spend(more.reduce((sum: number, item) => sum + Math.floor(weight(item) / 10), 0));
      return list;
    };
  }

  private map(node: MapNode, scope: Scope | undefined): Code {
    const entries = node.entries.map(({ key, value }): [string, Code] => [
      key.kind === 'literal' && typeof key.value === 'string' ? key.value : '',
      this.code(value, scope),
    ]);
    const names = new Set(entries.map(([name]) => name));
    if (names.size < entries.length) return () => new Failure('a key of a map is given twice');
    return (run) => {
      run.spend(30);
      const made = new Map<string, Operand>();
      for (const [name, code] of entries) {
        const value = code(run);
        if (value instanceof Failure) return value;
        made.set(name, value);
      }
      return made;
    };
  }

  private loop(node: LoopNode, scope: Scope | undefined): Code {
    const outer: Scope = { name: accumulator, slot: this.slots++, outer: scope };
    const inner: Scope = { name: node.variable, slot: this.slots++, outer };
    const range = this.code(node.range, scope);
    const init = this.code(node.init, scope);
    const condition = this.code(node.condition, inner);
    const step = this.code(node.step, inner);
    const result = this.code(node.result, outer);
    const endless = node.condition.kind === 'literal';
    return (run) => {
      const over = range(run);
      if (over instanceof Failure) return over;
      const items = isList(over) ? over : over instanceof Map ? [...(over as ReadonlyMap<string, Operand>).keys()].sort(compareText) : undefined;
      if (items === undefined) return new Failure('a loop was given null or another value that is no list or map');
      run.locals[outer.slot] = init(run);
      for (const item of items) {
        run.spend(1);
        run.locals[inner.slot] = item;
        if (condition(run) === false) break;
        const gathered = step(run);
        run.locals[outer.slot] = gathered;
        if (endless && gathered instanceof Failure) return gathered;
      }
      return result(run);
    };
  }
}

const none: Code = () => wrongType;

/** Evaluates codes in turn, up to the first failure. */
function all(codes: readonly Code[], run: Run): readonly Operand[] | Failure {
  const values: Operand[] = [];
  for (const code of codes) {
    const value = code(run);
    if (value instanceof Failure) return value;
    values.push(value);
  }
  return values;
}

/** && (decided by false) and || (decided by true): one side that decides absorbs the failure of the other. */
function logic(left: Code, right: Code, decisive: boolean): Code {
  return (run) => {
    run.spend(1);
    const l = left(run);
    if (l === decisive) return l;
    const r = right(run);
    if (r === decisive) return r;
    if (l instanceof Failure) return l;
    if (r instanceof Failure) return r;
    return typeof l === 'boolean' && typeof r === 'boolean' ? !decisive : wrongType;
  };
}

function operation(left: Code, right: Code, apply: (l: Operand, r: Operand) => Operand, access: boolean): Code {
  return (run) => {
    const l = left(run);
    if (l instanceof Failure) return l;
    const r = right(run);
    if (r instanceof Failure) return r;
    const result = apply(l, r);
    run.spend(access ? 1 : 1 + Math.floor((weight(l) + weight(r) + weight(result)) / 10));
    return result;
  };
}

function priced(run: Run, args: readonly Operand[], apply: (args: readonly Operand[], run: Run) => Operand): Operand {
  const failed = args.find((arg) => arg instanceof Failure);
  if (failed !== undefined) return failed;
  const result = apply(args, run);
  run.spend(1 + Math.floor(args.reduce<number>((sum, arg) => sum + weight(arg), weight(result)) / 10));
  return result;
}

function mayTake(wanted: Checked['kind'], given: Checked['kind']): boolean {
  return wanted === given || wanted === 'var' || ['any', 'error', 'null', 'var'].includes(given);
}

function takes({ args }: Overload, values: readonly Operand[]): boolean {
  return args.every((arg, i) => has(arg, values[i] ?? null));
}

/** Whether a value has the type that an overload names; of lists and maps only that they are some. */
function has(type: Checked, value: Operand): boolean {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'text':
      return typeof value === 'string';
    case 'decimal':
      return value instanceof Decimal;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'date':
      return value instanceof Day;
    case 'time':
      return value instanceof TimeOfDay;
    case 'datetime':
      return value instanceof Instant;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return isList(value);
    case 'map':
      return value instanceof Map;
    default:
      return true;
  }
}

/** Length of a text, or ten for each value in a list or map and what those weigh: what work on a value costs. */
function weight(value: Operand): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (isList(value)) return value.reduce<number>((sum, item) => sum + 10 + weight(item), 0);
  if (!(value instanceof Map)) return 0;
  let sum = 0;
  for (const [key, item] of value as ReadonlyMap<string, Operand>) sum += 10 + key.length + weight(item);
  return sum;
}

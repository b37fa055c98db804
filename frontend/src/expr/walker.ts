import { Decimal } from '@/values/decimal';
import { type CallNode, isNull, type Node, type SelectNode } from './ast';
import { checkedText, valueType } from './unify';
import { patternProblem } from './pattern';
import type { Lines, Problem } from './problem';
import { symbolOf, type Typed } from './checker';
import { isComparable, type Type, type TypeField, typeText } from './type';
import type { Shapes } from './shapes';

/** Reference is one use of a variable or field. */
export interface Reference {
  /** What stands there: "order.customer.name"; items of a list are "[]". */
  readonly path: string;
  /** Component whose field it is; empty for variables and fields of records. */
  readonly object: string;
  readonly id: string;
  readonly type: Type;
}

interface Scope {
  readonly name: string;
  readonly path: string;
  readonly outer: Scope | undefined;
}

const needsValues = new Set(['_+_', '_-_', '_*_', '_/_', '_%_', '_<_', '_<=_', '_>_', '_>=_']);

/** Walker goes over a tree with types, checks what CEL's checker leaves open and collects the references. */
export class Walker {
  readonly problems: Problem[] = [];
  readonly references: Reference[] = [];
  /** What the nodes that name a variable or field were declared as. */
  private readonly declared = new Map<Node, TypeField>();

  constructor(
    private readonly typed: Typed,
    private readonly shapes: Shapes,
    private readonly lines: Lines,
  ) {}

  /** Walks the whole tree and gives the type of its result. */
  result(): Type {
    this.walk(this.typed.root, undefined);
    const type = this.typeOf(this.typed.root);
    if (type === undefined) this.problem(this.typed.root, `the result must be a value, not a ${this.word(this.typed.root)}`);
    return type ?? { kind: 'any' };
  }

  private problem(node: Node, message: string): void {
    this.problems.push(this.lines.problem(node.at, message));
  }

  private typeOf(node: Node): Type | undefined {
    const field = this.declared.get(node);
    if (field !== undefined) return field.type;
    if (isNull(node)) return { kind: 'null' };
    if (node.kind === 'map' && node.entries.length > 0) {
      const fields: TypeField[] = [];
      for (const { key, value } of node.entries) {
        const type = this.typeOf(value);
        if (type === undefined) return undefined;
        const name = key.kind === 'literal' && typeof key.value === 'string' ? key.value : '';
        fields.push({ id: '', name, type });
      }
      return { kind: 'map', fields };
    }
    return this.plainType(node);
  }

  private plainType(node: Node): Type | undefined {
    const type = this.typed.types.get(node);
    return type && valueType(type);
  }

  /** How the type of a node is called in messages. */
  private word(node: Node): string {
    const known = this.plainType(node);
    if (known !== undefined) return typeText(known);
    const type = this.typed.types.get(node);
    return type === undefined ? 'any' : checkedText(type);
  }

  /** Visits a node and gives its path; empty when it is no variable nor something within one. */
  private walk(node: Node, scope: Scope | undefined): string {
    switch (node.kind) {
      case 'literal':
        return '';
      case 'ident':
        return this.ident(node, node.name, scope);
      case 'select':
        return this.select(node, scope);
      case 'call':
        return this.call(node, scope);
      case 'list':
        node.items.forEach((item) => this.walk(item, scope));
        return '';
      case 'map':
        node.entries.forEach(({ value }) => this.walk(value, scope));
        return '';
      case 'loop': {
        const path = this.walk(node.range, scope);
        this.walk(node.init, scope);
        const outer: Scope = { name: '@result', path: '', outer: scope };
        const inner: Scope = { name: node.variable, path: path === '' ? '' : `${path}[]`, outer };
        this.walk(node.condition, inner);
        this.walk(node.step, inner);
        this.walk(node.result, outer);
        return '';
      }
    }
  }

  private ident(node: Node, name: string, scope: Scope | undefined): string {
    for (let one = scope; one !== undefined; one = one.outer) if (one.name === name) return one.path;
    const variable = this.shapes.variables.get(name);
    if (variable === undefined) return '';
    this.refer(node, name, '', variable);
    return name;
  }

  private select(node: SelectNode, scope: Scope | undefined): string {
    const operand = this.walk(node.operand, scope);
    const path = operand === '' ? node.field : `${operand}.${node.field}`;
    const type = this.typed.types.get(node.operand);
    const field = type?.kind === 'object' ? type.shape.fields.get(node.field) : undefined;
    if (type?.kind === 'object' && field !== undefined) this.refer(node, path, type.shape.object, field);
    return path;
  }

  private refer(node: Node, path: string, object: string, field: TypeField): void {
    if (node.kind !== 'select' || !node.test) this.declared.set(node, field);
    this.references.push({ path, object, id: field.id, type: field.type });
  }

  private call(node: CallNode, scope: Scope | undefined): string {
    if (node.target !== undefined) this.walk(node.target, scope);
    const [first = ''] = node.args.map((arg) => this.walk(arg, scope));
    const [left, right] = node.args;
    if (node.fn === '_[_]') return first === '' ? '' : `${first}[]`;
    const pattern = node.args.at(-1);
    if (node.fn === 'matches' && pattern !== undefined) this.pattern(pattern);
    if (left === undefined || right === undefined) return '';
    if (needsValues.has(node.fn) && (isNull(left) || isNull(right))) {
      this.problem(node, `${symbolOf(node.fn) ?? ''} cannot be applied to ${this.word(left)} and ${this.word(right)}`);
    } else if (node.fn === '_==_' || node.fn === '_!=_') {
      this.comparison(node, left, right);
    } else if (node.fn === '@in') {
      this.membership(node, left, right);
    }
    return '';
  }

  /** Refuses == and != that can never hold, and numbers that an enumeration does not have. */
  private comparison(node: Node, left: Node, right: Node): void {
    const l = this.plainType(left);
    const r = this.plainType(right);
    const possible = l === undefined || r === undefined ? this.word(left) === this.word(right) : isComparable(l, r);
    if (!possible) {
      this.problem(node, `${this.word(left)} and ${this.word(right)} can never be equal`);
      return;
    }
    this.enumeration(left, right);
    this.enumeration(right, left);
  }

  private membership(node: Node, item: Node, container: Node): void {
    const type = this.typed.types.get(container);
    if (type?.kind !== 'list' && type?.kind !== 'map') return;
    const l = this.plainType(item);
    const r = valueType(type.kind === 'list' ? type.item : type.key);
    if (l !== undefined && r !== undefined && !isComparable(l, r)) {
      this.problem(node, `${this.word(item)} can never be in ${this.word(container)}`);
      return;
    }
    if (container.kind === 'list') container.items.forEach((one) => this.enumeration(item, one));
  }

  private enumeration(field: Node, literal: Node): void {
    const declared = this.declared.get(field);
    const options = declared?.type.enum ?? [];
    if (declared === undefined || options.length === 0 || literal.kind !== 'literal') return;
    const { value } = literal;
    if (typeof value !== 'bigint' && !(value instanceof Decimal)) return;
    if (options.some((option) => option.value.toString() === value.toString())) return;
    const list = options.map((option) => `${option.value} (${option.label})`).join(', ');
    this.problem(literal, `\`${declared.name}\` is never ${value.toString()}, it is one of ${list}`);
  }

  private pattern(node: Node): void {
    if (node.kind !== 'literal' || typeof node.value !== 'string') return;
    const message = patternProblem(node.value);
    if (message !== undefined) this.problem(node, message);
  }
}

import { Decimal } from '@/values/decimal';
import { accumulator, type CallNode, children, type LoopNode, type Node } from './ast';
import { parseDecimal } from './arithmetic';
import { type Token, tokens, unexpected, unquote } from './lexer';
import { SyntaxProblem } from './problem';

/** Limits of the server. */
const maxNesting = 100;
const maxNodes = 2000;

const reserved = new Set([
  'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var',
  'void', 'while',
]);
const keywords = new Set(['true', 'false', 'null', 'in']);

/** Whether a name can stand in an expression as it is; others need backquotes, and as a variable cannot stand at all. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reserved.has(name) && !keywords.has(name);
}

const relations = ['<', '<=', '>=', '>', '==', '!='];

/**
 * Parses CEL. It has what @bufbuild/cel's parser lacks: names in backquotes, decimals from their text, and the place of each error.
 * It throws a SyntaxProblem.
 */
export function parse(points: readonly string[]): Node {
  const parser = new Parser(tokens(points));
  const root = parser.all();
  if (parser.nodes > maxNodes) throw new SyntaxProblem(`the expression has more than ${maxNodes} parts`);
  checkDepth(root);
  return root;
}

/**
 * Chains ("a + a + …") nest to the left, which the parser does not see; everything after it walks the tree. What a loop is made of stands
 * in its place and counts as one.
 */
function checkDepth(root: Node): void {
  const left: [node: Node, depth: number][] = [[root, 0]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [node, depth] = next;
    if (depth > maxNesting) throw new SyntaxProblem('the expression is nested too deeply');
    for (const child of children(node)) left.push([child, child.at === node.at ? depth : depth + 1]);
  }
}

class Parser {
  nodes = 0;
  private index = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  all(): Node {
    const root = this.expression();
    if (this.token.kind !== 'end') throw this.wrong();
    return root;
  }

  private get token(): Token {
    const token = this.tokens[this.index];
    if (token === undefined) throw new SyntaxProblem('the expression ends too early');
    return token;
  }

  private wrong(): SyntaxProblem {
    const { kind, text, start } = this.token;
    return kind === 'end' ? new SyntaxProblem('the expression ends too early', start) : unexpected(text, start);
  }

  private take(): Token {
    const token = this.token;
    this.index++;
    return token;
  }

  private at(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol;
  }

  private skip(symbol: string): Token | undefined {
    return this.at(symbol) ? this.take() : undefined;
  }

  private expect(symbol: string): Token {
    if (!this.at(symbol)) throw this.wrong();
    return this.take();
  }

  private make<N extends Node>(node: N): N {
    this.nodes++;
    return node;
  }

  private call(fn: string, at: number, ...args: Node[]): CallNode {
    return this.make({ kind: 'call', fn, at, target: undefined, args });
  }

  private expression(): Node {
    if (++this.depth > maxNesting) throw new SyntaxProblem('the expression is nested too deeply');
    let node = this.or();
    const question = this.skip('?');
    if (question !== undefined) {
      const yes = this.or();
      this.expect(':');
      node = this.call('_?_:_', question.start, node, yes, this.expression());
    }
    this.depth--;
    return node;
  }

  private or(): Node {
    return this.logic('||', () => this.logic('&&', () => this.relation()));
  }

  /** Long chains of && and || are balanced, as in CEL, so that they do not nest. */
  private logic(sign: '&&' | '||', operand: () => Node): Node {
    const terms = [operand()];
    const signs: number[] = [];
    for (let token = this.skip(sign); token !== undefined; token = this.skip(sign)) {
      signs.push(token.start);
      terms.push(operand());
    }
    const balanced = (from: number, to: number): Node => {
      const middle = (from + to) >> 1;
      const [only] = terms.slice(from, from + 1);
      if (from === to && only !== undefined) return only;
      return this.call(`_${sign}_`, signs[middle] ?? 0, balanced(from, middle), balanced(middle + 1, to));
    };
    return balanced(0, terms.length - 1);
  }

  private relation(): Node {
    let left = this.sum();
    for (;;) {
      const token = this.token;
      if (token.kind === 'symbol' ? !relations.includes(token.text) : token.kind !== 'name' || token.text !== 'in') return left;
      this.take();
      left = this.call(token.text === 'in' ? '@in' : `_${token.text}_`, token.start, left, this.sum());
    }
  }

  private sum(): Node {
    return this.binary(['+', '-'], () => this.binary(['*', '/', '%'], () => this.unary()));
  }

  private binary(operators: readonly string[], operand: () => Node): Node {
    let left = operand();
    while (this.token.kind === 'symbol' && operators.includes(this.token.text)) {
      const { text, start } = this.take();
      left = this.call(`_${text}_`, start, left, operand());
    }
    return left;
  }

  private unary(): Node {
    const sign = this.token;
    if (!this.at('!') && !this.at('-')) return this.member(this.primary());
    let count = 0;
    while (this.skip(sign.text) !== undefined) count++;
    if (sign.text === '-' && count === 1 && (this.token.kind === 'int' || this.token.kind === 'float')) {
      return this.member(this.number(this.take(), sign.start, '-'));
    }
    const operand = this.member(this.primary());
    return count % 2 === 0 ? operand : this.call(`${sign.text}_`, sign.start, operand);
  }

  private member(from: Node): Node {
    let node = from;
    for (;;) {
      const open = this.skip('[');
      const dot = open === undefined ? this.skip('.') : undefined;
      if (open !== undefined) {
        const index = this.expression();
        this.expect(']');
        node = this.call('_[_]', open.start, node, index);
      } else if (dot !== undefined) {
        const name = this.token;
        if (name.kind !== 'escaped' && (name.kind !== 'name' || keywords.has(name.text))) throw this.wrong();
        this.take();
        if (name.kind === 'name' && this.at('(')) node = this.method(node, name.text);
        else node = this.make({ kind: 'select', operand: node, field: name.text, test: false, at: dot.start, nameAt: name.start });
      } else if (this.at('{') && isMessageName(node)) {
        throw new SyntaxProblem("messages are not part of the language; write a map: {'name': value}", this.token.start);
      } else {
        return node;
      }
    }
  }

  private method(target: Node, fn: string): Node {
    const { start } = this.expect('(');
    const args = this.list(')');
    const [variable, first, second] = args;
    const loops = args.length === 2 ? ['exists', 'all', 'exists_one', 'map', 'filter'] : ['map'];
    if (variable === undefined || first === undefined || args.length > 3 || !loops.includes(fn)) {
      return this.make({ kind: 'call', fn, at: start, target, args });
    }
    if (variable.kind !== 'ident') {
      throw new SyntaxProblem(fn === 'map' || fn === 'filter' ? 'argument is not an identifier' : 'argument must be a simple name', variable.at);
    }
    if (variable.name === '__result__') throw new SyntaxProblem('iteration variable overwrites accumulator variable', variable.at);
    return this.loop(fn, start, target, variable.name, first, second);
  }

  /** Expands a macro exactly as CEL does, because its types and failures follow from that. */
  private loop(fn: string, at: number, range: Node, variable: string, first: Node, second: Node | undefined): LoopNode {
    const literal = (value: boolean | bigint): Node => this.make({ kind: 'literal', value, at });
    const accu = (): Node => this.make({ kind: 'ident', name: accumulator, at });
    const append = (item: Node): Node => this.call('_+_', at, accu(), this.make({ kind: 'list', items: [item], at }));
    const make = (init: Node, condition: Node, step: Node, result: Node): LoopNode =>
      this.make({ kind: 'loop', range, variable, init, condition, step, result, at });
    const empty = (): Node => this.make({ kind: 'list', items: [], at });
    switch (fn) {
      case 'all':
        return make(literal(true), this.call('@not_strictly_false', at, accu()), this.call('_&&_', at, accu(), first), accu());
      case 'exists': {
        const open = this.call('@not_strictly_false', at, this.call('!_', at, accu()));
        return make(literal(false), open, this.call('_||_', at, accu(), first), accu());
      }
      case 'exists_one': {
        const step = this.call('_?_:_', at, first, this.call('_+_', at, accu(), literal(1n)), accu());
        return make(literal(0n), literal(true), step, this.call('_==_', at, accu(), literal(1n)));
      }
      case 'filter': {
        const item = this.make<Node>({ kind: 'ident', name: variable, at });
        return make(empty(), literal(true), this.call('_?_:_', at, first, append(item), accu()), accu());
      }
      default: {
        const step = second === undefined ? append(first) : this.call('_?_:_', at, first, append(second), accu());
        return make(empty(), literal(true), step, accu());
      }
    }
  }

  /** Items up to a closing symbol; only lists and maps may end with a comma. */
  private list(close: string): Node[] {
    const items: Node[] = [];
    if (this.skip(close) !== undefined) return items;
    for (;;) {
      items.push(this.expression());
      if (this.skip(close) !== undefined) return items;
      this.expect(',');
      if (close === ']' && this.skip(close) !== undefined) return items;
    }
  }

  private primary(): Node {
    const token = this.token;
    switch (token.kind) {
      case 'int':
      case 'float':
        return this.number(this.take(), token.start, '');
      case 'uint':
        throw new SyntaxProblem('unsigned numbers are not part of the language; leave out the u', token.start);
      case 'text':
      case 'bytes':
        return this.make({ kind: 'literal', value: unquote(this.take()), at: token.start });
      case 'name':
        return this.name();
      case 'symbol':
        break;
      default:
        throw this.wrong();
    }
    if (this.skip('(') !== undefined) {
      const node = this.expression();
      this.expect(')');
      return node;
    }
    const open = this.skip('[');
    if (open !== undefined) return this.make({ kind: 'list', items: this.list(']'), at: open.start });
    if (this.at('{')) return this.map();
    throw this.wrong();
  }

  private name(): Node {
    const { text, start } = this.token;
    if (text === 'in') throw this.wrong();
    this.take();
    if (text === 'null') return this.make({ kind: 'literal', value: null, at: start });
    if (text === 'true' || text === 'false') return this.make({ kind: 'literal', value: text === 'true', at: start });
    if (reserved.has(text)) throw new SyntaxProblem(`\`${text}\` is a reserved word`, start);
    const open = this.skip('(');
    if (open === undefined) return this.make({ kind: 'ident', name: text, at: start });
    const args = this.list(')');
    const [tested] = args;
    if (text !== 'has' || args.length !== 1 || tested === undefined) {
      return this.make({ kind: 'call', fn: text, at: open.start, target: undefined, args });
    }
    if (tested.kind !== 'select' || tested.test) throw new SyntaxProblem('invalid argument to has() macro', tested.at);
    return this.make({ ...tested, test: true, at: open.start });
  }

  private map(): Node {
    const { start } = this.expect('{');
    const entries: { key: Node; value: Node }[] = [];
    while (this.skip('}') === undefined) {
      const key = this.expression();
      this.expect(':');
      entries.push({ key, value: this.expression() });
      if (!this.at('}')) this.expect(',');
    }
    return this.make({ kind: 'map', entries, at: start });
  }

  private number(token: Token, at: number, sign: '' | '-'): Node {
    if (token.kind === 'int') {
      const size = BigInt(token.text);
      const value = sign === '-' ? -size : size;
      if (BigInt.asIntN(64, value) !== value) throw new SyntaxProblem('the whole number does not fit 64 bits', token.start);
      return this.make({ kind: 'literal', value, at });
    }
    const value = parseDecimal(sign + token.text.replace(/^\./, '0.'));
    if (!(value instanceof Decimal)) throw new SyntaxProblem(value, at);
    return this.make({ kind: 'literal', value, at });
  }
}

/** Whether a tree is a name such as a.b.C, after which "{" makes a message. */
function isMessageName(node: Node): boolean {
  return node.kind === 'ident' || (node.kind === 'select' && !node.test && isMessageName(node.operand));
}

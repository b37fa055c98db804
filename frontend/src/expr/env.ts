import { Instant } from '@/values/value';
import { readInstant } from '@/values/wire';
import { checkTypes } from './checker';
import { type Code, compile } from './compile';
import { parse } from './parser';
import { Lines, type Problem, SyntaxProblem } from './problem';
import { type Resolver, Run, type Variables } from './runtime';
import { Shapes } from './shapes';
import { type Model, type Type, type TypeField } from './type';
import { type Reference, Walker } from './walker';

export { evaluate, type Evaluated } from './evaluator';

/** Longest expression in bytes, as on the server. */
const maxLength = 8 << 10;

/** Cost limit of one evaluation; a step of a loop costs about 5. */
const defaultCost = 100_000;

/** Program is an expression that is right by its model, ready to run. */
export interface Program {
  readonly text: string;
  readonly type: Type;
  /** The variables and fields that it uses. */
  readonly references: readonly Reference[];
  /** For evaluate alone. */
  readonly code: Code;
  readonly env: Env;
}

/** Compiled is a program, or what is wrong with the text. */
export type Compiled = { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly problems: readonly Problem[] };

/** EnvOptions change defaults of an environment. */
export interface EnvOptions {
  /** The time of now() and today(). */
  readonly clock?: () => Date;
  /** How many compiled texts are kept. */
  readonly programs?: number;
  readonly cost?: number;
}

/**
 * Env checks, compiles and evaluates expressions over one model. It gives the same answers as the server's pkg/expr, or refuses; both run
 * the cases of pkg/expr/testdata/corpus.
 */
export class Env {
  readonly cost: number;
  private readonly shapes: Shapes;
  private readonly clock: () => Date;
  private readonly capacity: number;
  private readonly compiled = new Map<string, Compiled>();

  /** It throws when a name or id of the model is empty, given twice or, for a variable, not an identifier. */
  constructor(
    readonly model: Model,
    options: EnvOptions = {},
  ) {
    this.shapes = new Shapes(model);
    this.clock = options.clock ?? (() => new Date());
    this.capacity = options.programs ?? 1024;
    this.cost = options.cost ?? defaultCost;
  }

  /** Checks and compiles; the same text again is cheap. */
  compile(text: string): Compiled {
    const known = this.compiled.get(text);
    const result = known ?? this.fresh(text);
    this.compiled.delete(text); // what was asked for last goes last
    this.compiled.set(text, result);
    const [oldest] = this.compiled.keys();
    if (this.compiled.size > this.capacity && oldest !== undefined) this.compiled.delete(oldest);
    return result;
  }

  /** The type of an expression; undefined when something is wrong with it. */
  typeOf(text: string): Type | undefined {
    const compiled = this.compile(text);
    return compiled.ok ? compiled.program.type : undefined;
  }

  /** The fields that the value of an expression is declared to have. */
  fieldsOf(text: string): readonly TypeField[] {
    const type = this.typeOf(text);
    return type === undefined ? [] : [...(this.shapes.of(type)?.fields.values() ?? [])];
  }

  /** Starts an evaluation. */
  run(variables: Variables, resolve: Resolver): Run {
    return new Run(this.shapes, variables, resolve, this.now, this.cost);
  }

  private readonly now = (): Instant => readInstant(this.clock().toISOString()) ?? new Instant('1970-01-01T00:00:00Z');

  private fresh(text: string): Compiled {
    const points = Array.from(text);
    const lines = new Lines(points);
    if (new TextEncoder().encode(text).length > maxLength) return refused(lines, `the expression is longer than ${maxLength} bytes`);
    if (text.trim() === '') return refused(lines, 'the expression is empty');
    try {
      const { typed, problems } = checkTypes(parse(points), this.shapes, lines);
      const walker = new Walker(typed, this.shapes, lines);
      const type = problems.some((problem) => problem.line === 0) ? undefined : walker.result();
      const found = inOrder([...problems, ...walker.problems]);
      if (type === undefined || found.length > 0) return { ok: false, problems: found };
      return { ok: true, program: { text, type, references: walker.references, code: compile(typed), env: this } };
    } catch (error) {
      if (error instanceof SyntaxProblem) return { ok: false, problems: [lines.problem(error.at, error.message)] };
      throw error;
    }
  }
}

function refused(lines: Lines, message: string): Compiled {
  return { ok: false, problems: [lines.problem(undefined, message)] };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return sorted.filter((one, i) => {
    const before = sorted[i - 1];
    return before === undefined || one.message !== before.message || one.line !== before.line || one.column !== before.column;
  });
}

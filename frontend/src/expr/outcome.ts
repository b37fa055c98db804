import type { Value } from '@/values/value';
import type { Env, Program } from './env';
import { evaluate } from './evaluator';
import type { Variables } from './runtime';
import { type Problem, problemText } from './problem';
import { accepts, type Type } from './type';

/** Outcome is what an editor says below an expression. */
export type Outcome =
  | { readonly kind: 'empty' }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | { readonly kind: 'mismatch'; readonly expected: Type; readonly got: Type }
  | { readonly kind: 'value'; readonly value: Value; readonly type: Type }
  | { readonly kind: 'failed'; readonly problem: string; readonly type: Type }
  | { readonly kind: 'checked'; readonly type: Type };

/** Checks an expression, and evaluates it when there are values to do it with. */
export function outcomeOf(env: Env, text: string, expected: Type | undefined, variables: Variables | undefined): Outcome {
  if (text.trim() === '') return { kind: 'empty' };
  const compiled = env.compile(text);
  if (!compiled.ok) return { kind: 'problems', problems: compiled.problems };
  const { type } = compiled.program;
  if (expected !== undefined && !accepts(expected, type)) return { kind: 'mismatch', expected, got: type };
  return variables === undefined ? { kind: 'checked', type } : live(compiled.program, variables);
}

function live(program: Program, variables: Variables): Outcome {
  const evaluated = evaluate(program, variables);
  if (evaluated.ok) return { kind: 'value', value: evaluated.value, type: program.type };
  if (evaluated.reason === 'ENTRY_NOT_LOADED') return { kind: 'checked', type: program.type }; // an entry behind a reference is not at hand here
  return { kind: 'failed', problem: evaluated.problem, type: program.type };
}

/** Mark is a part of a text to underline, in code units. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** Where problems stand in a text: the word that begins there, or the sign. */
export function marksOf(text: string, problems: readonly Problem[]): readonly Mark[] {
  const lines = text.split('\n');
  return problems.map((problem) => {
    if (problem.line === 0) return { from: 0, to: text.length, message: problemText(problem) };
    const line = lines[problem.line - 1] ?? '';
    const column = Array.from(line).slice(0, problem.column - 1).join('').length;
    const start = lines.slice(0, problem.line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column;
    const [found = ''] = /^(?:\.?\w+|[^\s\w]{1,2})/.exec(line.slice(column)) ?? [];
    const from = Math.min(start, Math.max(text.length - 1, 0));
    return { from, to: Math.max(start + found.length, from + 1), message: problem.message };
  });
}

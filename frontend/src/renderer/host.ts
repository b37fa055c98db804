import type { Field } from '@/api';
import type { Action } from '@/controls/contract';
import type { Value, ValueMap } from '@/values/value';

/** Evaluation is what became of an expression. */
export type Evaluation = { ok: true; value: Value } | { ok: false; problem: string };

/**
 * Evaluator answers expressions in the place where a page stands. The renderer asks often, so it keeps what it has compiled, and gives the
 * same object as long as the value is the same.
 */
export interface Evaluator {
  evaluate(text: string): Evaluation;
  /** Calls the listener when the expression's value may have changed. It returns how to end that. */
  subscribe(text: string, listener: () => void): () => void;
}

/** FieldState is what a form holds of one field. It is replaced, never changed. */
export interface FieldState {
  /** Undefined when absent. */
  readonly value: Value | undefined;
  readonly errors: readonly string[];
}

/** Form holds the values that controls are bound to. */
export interface Form {
  /** Definition of a field, undefined when there is none of this name. */
  field(name: string): Field | undefined;
  read(name: string): FieldState;
  write(name: string, value: Value): void;
  subscribe(name: string, listener: () => void): () => void;
}

/** Host is what a page stands in: the Workplace, the Studio's canvas, a test. */
export interface Host {
  evaluator: Evaluator;
  form: Form;
  mode: 'run' | 'edit';
  /** Carries out what a control asks for. Failures are the host's to show; the promise settles when all is done. */
  dispatch: (action: Action, node: string, record?: ValueMap) => Promise<void>;
}

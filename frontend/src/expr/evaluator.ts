import { Decimal } from '@/values/decimal';
import type { Value } from '@/values/value';
import type { Program } from './env';
import { CostError, Failure, type FailureReason, maxValues, type Resolver, valueOf, type Variables } from './runtime';
import { itemOf, type Type } from './type';

export type { Variables } from './runtime';

/** Evaluated is the value of an expression, or why there is none. */
export type Evaluated =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: FailureReason; readonly problem: string; readonly missing?: { component: string; id: string } };

const loadsNothing: Resolver = () => undefined;

/**
 * Evaluates with the values of the variables; one that is not given is null. It never throws. References are followed as far as the
 * resolver has their entries, or the variables hold them as LoadedEntry.
 */
export function evaluate(program: Program, variables: Variables, resolve: Resolver = loadsNothing): Evaluated {
  try {
    const value = valueOf(program.code(program.env.run(variables, resolve)), { left: maxValues });
    if (!(value instanceof Failure)) return { ok: true, value: lift(value, program.type) };
    const { reason, message, missing } = value;
    return missing === undefined ? { ok: false, reason, problem: message } : { ok: false, reason, problem: message, missing };
  } catch (error) {
    if (error instanceof CostError) return { ok: false, reason: 'EXPRESSION_COST', problem: 'the expression takes too much work or memory' };
    return { ok: false, reason: 'EXPRESSION_FAILED', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Makes decimals of the ints that stand where the type says decimal: a branch of ?:, the sum of an empty list. */
function lift(value: Value, type: Type): Value {
  if (typeof value === 'bigint') return type.kind === 'decimal' ? (Decimal.fromBigInt(value) ?? value) : value;
  if (Array.isArray(value) && type.elem !== undefined) return value.map((item: Value) => lift(item, itemOf(type)));
  return value;
}

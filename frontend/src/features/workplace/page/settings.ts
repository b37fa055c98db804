import { expressionOf } from '@/renderer/bindings';
import type { PageEvaluator, Row } from '@/renderer/evaluator';
import { isObject, type Json, type JsonObject } from '@/values/json';
import { encode } from '@/values/wire';

/** ExpressionError says that a setting of an action has no value now. */
export class ExpressionError extends Error {}

/** Puts values in the place of expressions at any depth, in wire form. */
export async function settle(settings: JsonObject, evaluator: PageEvaluator, row?: Row): Promise<JsonObject> {
  const one = async (setting: Json): Promise<Json> => {
    const text = expressionOf(setting);
    if (text !== undefined) {
      const result = await evaluator.resolve(text, row);
      if (!result.ok) throw new ExpressionError(`${text}: ${result.problem}`);
      return encode(result.value);
    }
    if (Array.isArray(setting)) return Promise.all(setting.map(one));
    return isObject(setting) ? settle(setting, evaluator, row) : setting;
  };
  const members = Object.entries(settings).filter((member): member is [string, Json] => member[1] !== undefined);
  return Object.fromEntries(await Promise.all(members.map(async ([name, setting]) => [name, await one(setting)] as const)));
}

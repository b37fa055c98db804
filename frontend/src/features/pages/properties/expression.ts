import { expressionOf } from '@/renderer/bindings';
import type { Json } from '@/values/json';

/** The expression that gives what a setting says now, to start from when it is bound. */
export function asExpression(setting: Json | undefined, otherwise: unknown): string {
  const text = expressionOf(setting);
  if (text !== undefined) return text;
  const value = setting ?? otherwise;
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : '""';
}

/** What an expression says when it is only a literal, so that taking the binding away keeps it; undefined otherwise. */
export function asLiteral(text: string): Json | undefined {
  if (!/^\s*("([^"\\]|\\.)*"|true|false|-?\d+(\.\d+)?)\s*$/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // an escape that only CEL knows
  }
}

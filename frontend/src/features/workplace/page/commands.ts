import { readAction } from '@/controls/action/read';
import type { Action } from '@/controls/contract';
import { isObject, type Json, type JsonObject } from '@/values/json';

/** Command is one thing that a script of a page asks for. */
export type Command =
  /** Fills fields of the form in. */
  | { type: 'set'; fields: JsonObject }
  /** Says what is wrong with a field, or with the whole when it names none of the form. */
  | { type: 'error'; field: string; text: string }
  | { type: 'message'; severity: 'success' | 'warning' | 'error'; text: string }
  /** Reads anew what is shown. */
  | { type: 'refresh' }
  /** Anything that a button can do, too. */
  | { type: 'do'; action: Action }
  | { type: 'unknown'; what: string };

/**
 * The commands in what a script returned, {"commands": [{"type": "set", "fields": {…}}, …]}, in order. Beside those above they are the
 * actions of buttons. What returns no commands asks for nothing.
 */
export function commandsOf(output: Json | undefined): readonly Command[] {
  if (!isObject(output) || !Array.isArray(output.commands)) return [];
  return output.commands.map(commandOf);
}

function commandOf(json: Json): Command {
  const { type, fields, field = '', text, severity } = isObject(json) ? json : {};
  if (type === 'set' && isObject(fields)) return { type, fields };
  if (type === 'error' && typeof field === 'string' && typeof text === 'string') return { type, field, text };
  if (type === 'message' && typeof text === 'string') return { type, text, severity: severity === 'warning' || severity === 'error' ? severity : 'success' };
  if (type === 'refresh') return { type };
  const action = readAction(json);
  return action === undefined ? { type: 'unknown', what: typeof type === 'string' ? type : JSON.stringify(json ?? null) } : { type: 'do', action };
}

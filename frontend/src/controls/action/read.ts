import { isObject, type Json } from '@/values/json';
import type { Action } from '../contract';

/** The kinds of action with the setting that each cannot do without. */
const needs: Readonly<Record<Action['type'], string | undefined>> = {
  'run-dataflow': 'dataflow',
  'start-workflow': 'workflow',
  'run-script': 'script',
  'open-page': 'page',
  'open-component': 'component',
  'open-modal': 'page',
  'open-sidebar': 'page',
  'open-file': 'file',
  'add-record': 'page',
  'edit-record': 'page',
  'delete-record': undefined,
  'navigate-back': undefined,
  close: undefined,
};

export const actionTypes = Object.keys(needs) as readonly Action['type'][];

/** Reads an action of a document. Without a type it has the one given; undefined when it is none, or lacks what it needs. */
export function readAction(json: unknown, type = ''): Action | undefined {
  if (!isObject(json)) return undefined;
  const own: Json = json.type ?? type;
  if (typeof own !== 'string' || !Object.hasOwn(needs, own)) return undefined;
  const needed = needs[own as Action['type']];
  if (needed !== undefined && (typeof json[needed] !== 'string' || json[needed] === '')) return undefined;
  return { ...json, type: own } as Action;
}

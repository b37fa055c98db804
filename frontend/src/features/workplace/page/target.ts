import { isObject, type JsonObject } from '@/values/json';

/** Target is a page to open. */
export interface Target {
  component: string;
  page: string;
  /** Entry that it is about, undefined for a new one and for none. */
  entry?: string | undefined;
  /** Values for the page, in wire form; those named like a field fill it in. */
  params: JsonObject;
  /** The page is a form: when it has done its work, whoever opened it is gone back to. */
  returns: boolean;
}

/** The address of a page. What is not in it goes by stateOf. */
export function pathOf({ component, page, entry }: Target): string {
  const search = entry === undefined ? '' : `?entry=${encodeURIComponent(entry)}`;
  return `/work/${encodeURIComponent(component)}/${encodeURIComponent(page)}${search}`;
}

/** What the browser keeps beside the address. */
export function stateOf({ params, returns }: Target): { params: JsonObject; returns: boolean } {
  return { params, returns };
}

/** Reads what stateOf gave; anything else, such as the state of an older version, is none. */
export function readState(state: unknown): Pick<Target, 'params' | 'returns'> {
  if (!isObject(state)) return { params: {}, returns: false };
  return { params: isObject(state.params) ? state.params : {}, returns: state.returns === true };
}

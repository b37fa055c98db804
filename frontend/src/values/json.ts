/** Plain JSON: the wire form of a typed value, see decode.ts. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };

/** JsonObject is a JSON object; a member that is undefined is absent. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** Tells an object from a list and from everything else. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the tests use of js-yaml, which comes without types. */
declare module 'js-yaml' {
  export interface Type {
    readonly tag: string;
  }
  export const Type: new (
    tag: string,
    options: { kind: 'scalar'; resolve: (data: string | null) => boolean; construct: (data: string) => unknown },
  ) => Type;
  export interface Schema {
    extend(types: { implicit: Type[] }): Schema;
  }
  export const CORE_SCHEMA: Schema;
  export function load(text: string, options: { schema: Schema }): unknown;
}

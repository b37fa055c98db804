/** Kind is the kind of a type, in the words that people see; `any` is known only at evaluation. */
export type Kind =
  | 'any'
  | 'null'
  | 'bool'
  | 'int'
  | 'decimal'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'datetime'
  | 'ref'
  | 'file'
  | 'list'
  | 'map';

/** Type describes the values that a field, a variable or an expression may have; null belongs to every type. */
export interface Type {
  readonly kind: Kind;
  /** The component whose entries a reference names; any when absent. */
  readonly component?: string;
  /** Type of the items of a list, or of the values of a map without fields; any when absent. */
  readonly elem?: Type;
  /** The fields of a map; a map without them has any keys. */
  readonly fields?: readonly TypeField[];
  /** Limits an int to these numbers. */
  readonly enum?: readonly { readonly value: bigint; readonly label: string }[];
}

/** TypeField is a named, typed thing with an id that is stable over renames. */
export interface TypeField {
  readonly id: string;
  readonly name: string;
  readonly type: Type;
}

/** ObjectType is the form of a component's entries. Each has a field "id" of type text unless it declares one itself. */
export interface ObjectType {
  readonly id: string;
  readonly name: string;
  readonly fields: readonly TypeField[];
}

/** Model is what expressions may name. */
export interface Model {
  /** The names an expression starts from. */
  readonly variables: readonly TypeField[];
  /** The components whose entries can be read through a reference. */
  readonly objects: readonly ObjectType[];
}

export const anyType: Type = { kind: 'any' };

/** Gives the type of the items of a list or of the values of a map without fields. */
export function itemOf(type: Type): Type {
  return type.elem ?? anyType;
}

/** Writes a type as people read it: "list(ref(customer))", "map(name: text)". */
export function typeText(type: Type): string {
  if (type.kind === 'ref' && type.component !== undefined) return `ref(${type.component})`;
  if (type.elem !== undefined) return `${type.kind}(${typeText(type.elem)})`;
  if (type.kind === 'map' && type.fields !== undefined && type.fields.length > 0) {
    return `map(${type.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')})`;
  }
  return type.kind;
}

/** Whether a value of one type can equal one of the other. */
export function isComparable(a: Type, b: Type): boolean {
  const number = (type: Type) => type.kind === 'int' || type.kind === 'decimal';
  if (a.kind === 'any' || b.kind === 'any' || a.kind === 'null' || b.kind === 'null') return true;
  if (number(a) && number(b)) return true;
  if ((a.kind === 'ref' && b.kind === 'text') || (a.kind === 'text' && b.kind === 'ref')) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'ref') return a.component === undefined || b.component === undefined || a.component === b.component;
  return a.kind !== 'list' || isComparable(itemOf(a), itemOf(b));
}

/** Whether a value of type `from` fits where `type` is wanted: any fits anywhere, null everywhere, and int fits decimal. */
export function accepts(type: Type, from: Type): boolean {
  if (type.kind === 'any' || from.kind === 'any' || from.kind === 'null') return true;
  if (type.kind === 'decimal' && from.kind === 'int') return true;
  if (type.kind !== from.kind) return false;
  if (type.kind === 'ref') return type.component === undefined || from.component === undefined || type.component === from.component;
  if (type.kind === 'list') return accepts(itemOf(type), itemOf(from));
  if (type.kind !== 'map') return true;
  if (type.fields !== undefined && type.fields.length > 0) {
    const declared = new Map(type.fields.map((field) => [field.name, field.type]));
    return (from.fields ?? []).every((field) => {
      const wanted = declared.get(field.name);
      return wanted !== undefined && accepts(wanted, field.type);
    });
  }
  return accepts(itemOf(type), itemOf(from)) && (from.fields ?? []).every((field) => accepts(itemOf(type), field.type));
}

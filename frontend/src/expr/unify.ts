import { type Kind, type Type, type TypeField, typeText } from './type';

/** Shape is the form of values with named fields: the entries of a component, or records. */
export interface Shape {
  readonly type: Type;
  /** The component; empty for records. */
  readonly object: string;
  /** False for entries of a component that the model does not have: only their id can be read. */
  readonly known: boolean;
  readonly fields: ReadonlyMap<string, TypeField>;
}

type Plain = Exclude<Kind, 'ref' | 'list' | 'map'> | 'duration' | 'error' | 'type';

/** Checked is a type as the checker has it, which knows more than values have: durations, parameters of overloads. */
export type Checked =
  | { readonly kind: Plain }
  | { readonly kind: 'list'; readonly item: Checked }
  | { readonly kind: 'map'; readonly key: Checked; readonly item: Checked }
  | { readonly kind: 'object'; readonly shape: Shape }
  | { readonly kind: 'var'; readonly name: string };

const made = new Map<Plain, Checked>();

export function plain(kind: Plain): Checked {
  let type = made.get(kind);
  if (type === undefined) made.set(kind, (type = { kind }));
  return type;
}

export const anything = plain('any');
export const broken = plain('error');

export function listOf(item: Checked): Checked {
  return { kind: 'list', item };
}

export function mapOf(item: Checked): Checked {
  return { kind: 'map', key: plain('text'), item };
}

export function variable(name: string): Checked {
  return { kind: 'var', name };
}

/** Writes a type for a message. */
export function checkedText(type: Checked): string {
  switch (type.kind) {
    case 'list':
      return `list(${checkedText(type.item)})`;
    case 'map':
      return `map(${checkedText(type.key)}, ${checkedText(type.item)})`;
    case 'object':
      return typeText(type.shape.type);
    case 'var':
      return type.name;
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}

/** The type that values of it have, or undefined when no value has it (durations, types). */
export function valueType(type: Checked): Type | undefined {
  switch (type.kind) {
    case 'duration':
    case 'type':
      return undefined;
    case 'error':
    case 'var':
      return { kind: 'any' };
    case 'object':
      return type.shape.type;
    case 'list': {
      const elem = valueType(type.item);
      return elem && { kind: 'list', elem };
    }
    case 'map': {
      const elem = valueType(type.item);
      return elem && ['text', 'any', 'var'].includes(type.key.kind) ? { kind: 'map', elem } : undefined;
    }
    default:
      return { kind: type.kind };
  }
}

function isOpen(type: Checked): boolean {
  return type.kind === 'any' || type.kind === 'error';
}

function same(a: Checked, b: Checked): boolean {
  if (a === b) return true;
  if (a.kind === 'list') return b.kind === 'list' && same(a.item, b.item);
  if (a.kind === 'map') return b.kind === 'map' && same(a.key, b.key) && same(a.item, b.item);
  if (a.kind === 'object') return b.kind === 'object' && a.shape === b.shape;
  if (a.kind === 'var') return b.kind === 'var' && a.name === b.name;
  return a.kind === b.kind;
}

/** The types for which CEL's checker lets null pass. */
const nullable = new Set<Checked['kind']>(['decimal', 'date', 'time', 'file', 'object', 'duration', 'datetime', 'null']);

/** Substitutions are what the parameters of overloads and the items of empty lists turned out to be; CEL's own algorithm. */
export class Substitutions {
  private bound = new Map<string, Checked>();
  private count = 0;

  fresh(): Checked {
    return variable(`_var${this.count++}`);
  }

  /** Whether values of all the first types fit the second ones. When they do not, nothing is bound. */
  assignable(from: readonly Checked[], to: readonly Checked[]): boolean {
    if (from.length !== to.length) return false;
    const before = new Map(this.bound);
    const fits = from.every((type, i) => this.fits(type, to[i] ?? broken));
    if (!fits) this.bound = before;
    return fits;
  }

  /** Replaces what is bound, and what is not by any when asked. */
  apply(type: Checked, toAny = false): Checked {
    switch (type.kind) {
      case 'var': {
        const bound = this.bound.get(type.name);
        if (bound !== undefined) return this.apply(bound, toAny);
        return toAny ? anything : type;
      }
      case 'list':
        return listOf(this.apply(type.item, toAny));
      case 'map':
        return { kind: 'map', key: this.apply(type.key, toAny), item: this.apply(type.item, toAny) };
      default:
        return type;
    }
  }

  /** The more general of two types that fit each other. */
  join(before: Checked | undefined, type: Checked): Checked {
    if (before === undefined) return type;
    if (!this.assignable([before], [type])) return anything;
    return isLessSpecific(before, type) ? before : type;
  }

  private fits(a: Checked, b: Checked): boolean {
    if (b.kind === 'var') {
      const { valid, had } = this.bind(a, b);
      if (valid) return true;
      if (had) return false;
    }
    if (a.kind === 'var') return this.bind(b, a).valid;
    if (isOpen(a) || isOpen(b)) return true;
    if (a.kind === 'null') return nullable.has(b.kind);
    if (b.kind === 'null') return nullable.has(a.kind);
    if (a.kind === 'list') return b.kind === 'list' && this.fits(a.item, b.item);
    if (a.kind === 'map') return b.kind === 'map' && this.fits(a.key, b.key) && this.fits(a.item, b.item);
    return same(a, b);
  }

  private bind(type: Checked, parameter: Checked & { kind: 'var' }): { valid: boolean; had: boolean } {
    if (same(type, parameter)) return { valid: true, had: true };
    const bound = this.bound.get(parameter.name);
    if (bound !== undefined) {
      if (same(type, bound)) return { valid: true, had: true };
      if (!this.fits(type, bound)) return { valid: false, had: true };
      const general = isLessSpecific(type, bound) ? type : bound;
      if (!this.occurs(parameter, general)) this.bound.set(parameter.name, general);
      return { valid: true, had: true };
    }
    if (this.occurs(parameter, type)) return { valid: false, had: false };
    this.bound.set(parameter.name, type);
    return { valid: true, had: false };
  }

  private occurs(parameter: Checked, within: Checked): boolean {
    if (same(parameter, within)) return true;
    switch (within.kind) {
      case 'var': {
        const bound = this.bound.get(within.name);
        return bound !== undefined && this.occurs(parameter, bound);
      }
      case 'list':
        return this.occurs(parameter, within.item);
      case 'map':
        return this.occurs(parameter, within.key) || this.occurs(parameter, within.item);
      default:
        return false;
    }
  }
}

function isLessSpecific(a: Checked, b: Checked): boolean {
  if (a.kind === 'any' || a.kind === 'var') return true;
  if (b.kind === 'any' || b.kind === 'var') return false;
  if (a.kind === 'list') return b.kind === 'list' && isLessSpecific(a.item, b.item);
  if (a.kind === 'map') return b.kind === 'map' && isLessSpecific(a.key, b.key) && isLessSpecific(a.item, b.item);
  return same(a, b);
}

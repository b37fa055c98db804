import { type Checked, mapOf, listOf, plain, type Shape } from './unify';
import { itemOf, type Model, type ObjectType, type Type, type TypeField } from './type';
import { isIdentifier } from './parser';

const idField: TypeField = { id: '', name: 'id', type: { kind: 'text' } };

const anyReference: Type = { kind: 'ref' };

/** Shapes knows the fields of entries and records of a model. It throws when a name or id is empty, wrong or given twice. */
export class Shapes {
  readonly variables = new Map<string, TypeField>();
  private readonly objects = new Map<string, ObjectType>();
  private readonly byName = new Map<string, Shape>();

  constructor(model: Model) {
    for (const object of model.objects) {
      if (object.id === '' || this.objects.has(object.id)) throw new Error(`object "${object.id}": the id is empty or given twice`);
      this.objects.set(object.id, object);
    }
    for (const object of model.objects) this.declare({ kind: 'ref', component: object.id });
    for (const variable of model.variables) {
      const { name, type } = variable;
      if (!isIdentifier(name) || this.variables.has(name)) throw new Error(`variable "${name}": the name is no identifier or given twice`);
      this.variables.set(name, variable);
      this.declare(type);
    }
    this.declare(anyReference);
  }

  /** The shape of a type with named fields. */
  of(type: Type): Shape | undefined {
    return hasFields(type) ? this.byName.get(shapeName(type)) : undefined;
  }

  /** The shape of an entry in a place of this type. */
  entry(type: Type): Shape {
    const shape = this.of(type.kind === 'ref' ? type : anyReference) ?? this.of(anyReference);
    if (shape === undefined) throw new Error('entries have a shape');
    return shape;
  }

  /** The checker's type of a declared one. */
  checked(type: Type): Checked {
    const shape = this.of(type);
    if (shape !== undefined) return { kind: 'object', shape };
    switch (type.kind) {
      case 'list':
        return listOf(this.checked(itemOf(type)));
      case 'map':
      case 'ref':
        return mapOf(this.checked(itemOf(type)));
      default:
        return plain(type.kind);
    }
  }

  private declare(type: Type): void {
    if (type.elem !== undefined) this.declare(type.elem);
    if (!hasFields(type) || this.byName.has(shapeName(type))) return;
    const object = type.kind === 'ref' ? this.objects.get(type.component ?? '') : undefined;
    const declared = type.kind === 'ref' ? (object?.fields ?? []) : (type.fields ?? []);
    const fields = new Map<string, TypeField>();
    for (const field of declared) {
      if (field.name === '' || fields.has(field.name)) throw new Error(`field "${field.name}": the name is empty or given twice`);
      fields.set(field.name, field);
    }
    if (type.kind === 'ref' && !fields.has('id')) fields.set('id', idField);
    const known = type.kind !== 'ref' || object !== undefined;
    this.byName.set(shapeName(type), { type, object: type.kind === 'ref' ? (type.component ?? '') : '', known, fields });
    for (const field of declared) this.declare(field.type);
  }
}

function hasFields(type: Type): boolean {
  return type.kind === 'ref' || (type.kind === 'map' && type.elem === undefined && (type.fields?.length ?? 0) > 0);
}

function shapeName(type: Type): string {
  if (type.kind === 'ref') return `ref(${type.component ?? ''})`;
  return JSON.stringify(type, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

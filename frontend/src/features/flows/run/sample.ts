import type { Component, Field } from '@/api';
import type { Json } from '@/values/json';

/** An input to try a flow with: a value of the right type for every field of the component that a person would fill. */
export function sampleOf(component: Component): Json {
  const fields = (component.model?.fields ?? []).filter((field) => field.name && !field.isVirtual);
  return Object.fromEntries(fields.flatMap((field) => {
    const value = exampleOf(field);
    return value === undefined ? [] : [[field.name ?? '', value]];
  }));
}

function exampleOf(field: Field): Json | undefined {
  switch (field.type) {
    case 'FIELD_TYPE_STRING':
      return field.title || field.name || '';
    case 'FIELD_TYPE_INTEGER':
      return Number(field.integer?.options?.[0]?.value ?? field.integer?.min ?? 1);
    case 'FIELD_TYPE_NUMBER':
      return field.number?.min || '1';
    case 'FIELD_TYPE_BOOLEAN':
      return false;
    case 'FIELD_TYPE_DATE':
      return '2026-01-31';
    case 'FIELD_TYPE_TIME':
      return '12:00:00';
    case 'FIELD_TYPE_DATETIME':
      return '2026-01-31T12:00:00Z';
    case 'FIELD_TYPE_URI':
      return 'https://example.com';
    case 'FIELD_TYPE_ARRAY':
      return [];
    default:
      return undefined; // an entry or a file must be there: the person knows its id
  }
}

/** Reads what a person typed as input. Nothing is an empty object. */
export function readInput(typed: string): { input: Json } | { error: string } {
  try {
    return { input: typed.trim() === '' ? {} : (JSON.parse(typed) as Json) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Writes a value as people read it. */
export function show(value: unknown): string {
  return JSON.stringify(value ?? null, null, 2);
}

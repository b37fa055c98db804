import type { Component, Dataflow } from '@/api';
import { isObject } from '@/values/json';
import { findStep } from './graph';

/** Settings whose keys become fields of the item. */
const mappings = ['fields', 'map', 'keys', 'aggregates', 'result'];

/** Kinds of step whose `fields` are stored, and do not become fields of the item. */
const writers = new Set(['update-entry', 'deferred-update-entry', 'write-response', 'export-to-file']);

/**
 * Names that the items which a step reads may have: fields that earlier steps make, and those of the component's model. They are offered
 * while typing; whether they are right, the check says.
 */
export function itemNames(flow: Dataflow, step: string, component: Component): readonly string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  const walk = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    const at = findStep(flow, id);
    if (at === undefined) return;
    for (const [name, value] of Object.entries(at.params ?? {})) {
      if (name === 'resultField' && typeof value === 'string' && value !== '') names.add(value);
      if (mappings.includes(name) && isObject(value) && !writers.has(at.type ?? '')) Object.keys(value).forEach((key) => names.add(key));
    }
    at.sources?.forEach(walk);
  };
  findStep(flow, step)?.sources?.forEach(walk);
  for (const field of component.model?.fields ?? []) if (field.name) names.add(field.name);
  return [...names];
}

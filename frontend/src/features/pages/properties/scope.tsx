import { createContext, useContext } from 'react';
import { api, type Component, type Field } from '@/api';
import { useDraftSelector } from '@/draft';
import type { Env } from '@/expr/env';
import type { Variables } from '@/expr/evaluator';
import type { JsonObject } from '@/values/json';

/** Scope is what the editors of settings look up names in. */
export interface Scope {
  /** The component that the page belongs to. */
  component: string;
  /** The language of the page's expressions, and what they see on the canvas. */
  env: Env;
  variables: Variables;
}

export const ScopeContext = createContext<Scope | undefined>(undefined);

export function useScope(): Scope {
  const scope = useContext(ScopeContext);
  if (scope === undefined) throw new Error('a setting outside of the page editor');
  return scope;
}

/** A component by its id, the page's own as it is edited; undefined until it is there. Empty means the own one. */
export function useTarget(id: string): Component | undefined {
  const { component } = useScope();
  const own = useDraftSelector(component, (doc) => doc);
  const foreign = id !== '' && id !== component;
  const { currentData } = api.useGetComponentQuery({ component: id }, { skip: !foreign });
  return foreign ? currentData : own;
}

const noFields: readonly Field[] = [];

export function useFieldsOf(id: string): readonly Field[] {
  return useTarget(id)?.model?.fields ?? noFields;
}

/** The component that another setting of the same control names; empty when it names none. */
export function componentIn(settings: JsonObject, of: string | undefined): string {
  const named = of === undefined ? undefined : settings[of];
  return typeof named === 'string' ? named : '';
}

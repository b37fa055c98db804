import { createContext, useContext, useMemo } from 'react';
import { api, type Component, type Field } from '@/api';
import { useDraftSelector } from '@/draft';
import { Env } from '@/expr/env';
import type { Variables } from '@/expr/evaluator';
import { type ModelOf, pageModel } from '@/renderer/model';
import type { JsonObject } from '@/values/json';
import { referred, usePageModelsQuery } from '../canvas/models';

/** Scope is what the editors of settings look up names in. */
export interface Scope {
  /** The component that the page belongs to. */
  component: string;
  /** The language of the page's expressions, and what they see on the canvas. */
  env: Env;
  /** The components that the expressions know. */
  models: readonly ModelOf[];
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

const noModels: readonly ModelOf[] = [];

/** The language of expressions about rows of a component; empty means the page's own. */
export function useRowEnv(id: string): Env {
  const { component, env, models } = useScope();
  const fields = useFieldsOf(id);
  const foreign = id !== '' && id !== component;
  const references = useMemo(() => referred(fields).filter((one) => !models.some((known) => known.id === one)), [fields, models]);
  const { currentData: others = noModels } = usePageModelsQuery(references, { skip: !foreign || references.length === 0 });
  return useMemo(() => {
    if (!foreign) return env;
    return new Env(pageModel(component, id, [...models.filter((one) => one.id !== id), { id, fields }, ...others.filter((one) => one.id !== id)]));
  }, [foreign, component, env, models, id, fields, others]);
}

/** The component that another setting of the same control names; empty when it names none. */
export function componentIn(settings: JsonObject, of: string | undefined): string {
  const named = of === undefined ? undefined : settings[of];
  return typeof named === 'string' ? named : '';
}

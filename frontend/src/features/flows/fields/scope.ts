import { api, type Component, type Problem } from '@/api';
import { useDraft } from '@/draft';
import { componentsApi } from '@/api/components';
import type { Language } from './language';

/** Scope is what settings may refer to. */
export interface Scope {
  /** The component that is edited. */
  component: string;
  /** Names that items may have, offered while typing. */
  names: readonly string[];
  /** What the expression of a setting may name; undefined where that is not known. */
  languageOf: (param: string) => Language | undefined;
  mayWrite: boolean;
}

/** A component with its parts: the draft for the one that is edited, else as it is saved. */
export function useParts(scope: Scope, id: string): Component | undefined {
  const own = useDraft(scope.component);
  const foreign = id !== '' && id !== scope.component;
  const { currentData } = api.useGetComponentQuery({ component: id }, { skip: !foreign });
  return foreign ? currentData : own;
}

/** Ids and names of all components; the one that is edited first. */
export function useComponentChoices(scope: Scope): readonly Choice[] {
  const { data = [] } = componentsApi.useAllComponentsQuery();
  const choices = data.map((component) => ({ id: component.id ?? '', title: component.displayName || component.id || '' }));
  return choices.toSorted((a, b) => Number(b.id === scope.component) - Number(a.id === scope.component));
}

/** Choice is one thing that a reference may name. */
export interface Choice {
  id: string;
  title: string;
}

/** The problems at a path or below it. */
export function under(problems: readonly Problem[], path: string): readonly Problem[] {
  return problems.filter((problem) => problem.path === path || problem.path?.startsWith(`${path}/`));
}

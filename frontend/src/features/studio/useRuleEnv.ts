import { useMemo } from 'react';
import { api, type Field } from '@/api';
import { useDraftSelector } from '@/draft';
import { Env } from '@/expr/env';
import type { Type } from '@/expr/type';
import { pageModel } from '@/renderer/model';

const none: readonly Field[] = [];

export const condition: Type = { kind: 'bool' };

/** What the rules of a component may name: the entry as the draft has it, and with `user` whoever asks. */
export function useRuleEnv(component: string, user: boolean): Env {
  const fields = useDraftSelector(component, (doc) => doc.model?.fields) ?? none;
  const { data } = api.useListPublishedComponentsQuery();
  return useMemo(() => {
    const others = (data?.components ?? []).filter((one) => one.id !== component).map((one) => ({ id: one.id ?? '', fields: one.model?.fields ?? none }));
    const model = pageModel(component, component, [{ id: component, fields }, ...others]);
    const names = user ? ['entry', 'user'] : ['entry'];
    return new Env({ ...model, variables: model.variables.filter(({ name }) => names.includes(name)) });
  }, [component, user, fields, data]);
}

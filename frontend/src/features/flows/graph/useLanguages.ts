import { useMemo } from 'react';
import { api, type Component, type Field, type Step } from '@/api';
import { useSession } from '@/api/session';
import { useChecked } from '@/draft';
import { anyType, type ObjectType, type Type } from '@/expr/type';
import { parseType } from '@/expr/typeName';
import { objectsOf } from '@/renderer/model';
import type { Json, JsonObject } from '@/values/json';
import { idField, type Language, languagesOf } from '../fields/language';
import { readInput } from '../run/sample';
import { firstItem, type Outcome } from './outcome';

const none: readonly Field[] = [];

/** The components whose entries expressions can read: the draft of the one that is edited, the others as they are live. */
export function useObjects(component: Component): readonly ObjectType[] {
  const { data } = api.useListPublishedComponentsQuery();
  const { id = '', model } = component;
  const fields = model?.fields ?? none;
  return useMemo(() => {
    const others = (data?.components ?? []).filter((one) => one.id !== id).map((one) => ({ id: one.id ?? '', fields: one.model?.fields ?? none }));
    return objectsOf([{ id, fields }, ...others]);
  }, [id, fields, data]);
}

/** The types of the items that the steps of a dataflow give, by the last check; those that it does not know are left out. */
export function useStepTypes(component: string, flow: string, objects: readonly ObjectType[]): ReadonlyMap<string, Type> {
  const checked = useChecked(component)?.stepTypes;
  return useMemo(() => {
    const entry = (id: string) => {
      const fields = objects.find((one) => one.id === id)?.fields;
      return fields && [...fields.filter(({ name }) => name !== 'id'), idField];
    };
    const own = (checked ?? []).filter((one) => one.dataflow === flow);
    return new Map(own.flatMap(({ step = '', type = '' }) => {
      const read = parseType(type, entry);
      return read === undefined ? [] : [[step, read] as const];
    }));
  }, [checked, flow, objects]);
}

interface Around {
  step: Step | undefined;
  objects: readonly ObjectType[];
  types: ReadonlyMap<string, Type>;
  outcome: Outcome | undefined;
  /** As it is typed into the test run. */
  input: string;
}

/** What the expressions of a step may name, by setting, with the values of the last test. */
export function useLanguages({ step, objects, types, outcome, input }: Around): (param: string) => Language | undefined {
  const { user } = useSession();
  const sources = step?.sources;
  const path = step?.params?.path;
  const component = step?.params?.component;
  const kind = step?.type ?? '';
  return useMemo(() => {
    const read = readInput(input);
    return languagesOf({
      kind,
      params: { ...(path !== undefined && { path }), ...(component !== undefined && { component }) } as JsonObject,
      sources: (sources ?? []).map((id) => ({ type: types.get(id) ?? anyType, first: firstItem(outcome, id) as Json | undefined })),
      objects,
      input: 'input' in read ? read.input : null,
      user: { id: user?.id ?? '', email: user?.email ?? '', name: user?.displayName ?? '', roles: user?.roles ?? [] },
    });
  }, [kind, path, component, sources, types, objects, outcome, input, user]);
}

import { useMemo } from 'react';
import { useStore } from 'react-redux';
import { api, type Entry, type Field } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import { useSession } from '@/api/session';
import { useDraftSelector } from '@/draft';
import { Env } from '@/expr/env';
import type { Variables } from '@/expr/evaluator';
import { LoadedEntry } from '@/expr/runtime';
import { PageEvaluator, userValue } from '@/renderer/evaluator';
import { EntryForm } from '@/renderer/form';
import type { Host } from '@/renderer/host';
import { type ModelOf, pageModel } from '@/renderer/model';
import { recordOf, systemOf } from '@/values/record';
import { referred, usePageModelsQuery } from './models';
import { fitting, sampleEntries } from './sample';

/** Stage is what a page is made on: the data that it shows and the language of its expressions. */
export interface Stage {
  host: Host;
  fields: readonly Field[];
  /** The component as it is edited, and those that it refers to. */
  models: readonly ModelOf[];
  env: Env;
  /** What expressions see. */
  variables: Variables;
  /** Whether the data are there, or are known not to come. The page is drawn once, then. */
  ready: boolean;
  /** The entry that is shown; undefined when there is none. */
  entry: Entry | undefined;
}

const noFields: readonly Field[] = [];
const noModels: readonly ModelOf[] = [];

/** Sets the stage for a component: the model as it is edited, and the newest entry once there are any. */
export function useStage(component: string): Stage {
  const store = useStore();
  const { user } = useSession();
  const fields = useDraftSelector(component, (doc) => doc.model?.fields ?? noFields);
  const published = useDraftSelector(component, (doc) => (doc.publishedRevision ?? '0') !== '0');
  const references = useMemo(() => referred(fields).filter((id) => id !== component), [fields, component]);
  const { currentData: others = noModels, isLoading: readsModels } = usePageModelsQuery(references, { skip: references.length === 0 });
  const { currentData: list, isLoading: readsEntry } = api.useListEntriesQuery({ component, pageSize: 1, orderBy: 'update_time desc' }, { skip: !published });
  const stored = list?.entries?.[0];
  const made = useMemo(() => {
    const entry = stored && fitting(stored, fields);
    const objects: readonly ModelOf[] = [{ id: component, fields }, ...others];
    const form = new EntryForm(fields, entry?.fields);
    const dispatch = store.dispatch as Dispatch;
    const entries = sampleEntries(async (of, id) => {
      const request = dispatch(api.endpoints.getEntry.initiate({ component: of, entry: id }, { subscribe: false }));
      return (await request).data;
    }, objects);
    const person = userValue(user ?? {});
    const evaluator = new PageEvaluator({ component, objects, form, system: entry && systemOf(entry), user: person, params: {}, entries });
    const record = new LoadedEntry(entry?.id ?? '', entry === undefined ? {} : recordOf(entry, fields));
    return {
      host: { evaluator, form, mode: 'edit' as const, dispatch: () => Promise.resolve() },
      fields,
      models: objects,
      env: new Env(pageModel(component, component, objects)),
      variables: { entry: record, item: record, user: person, params: {} },
      entry,
    };
  }, [store, component, fields, others, stored, user]);
  return { ...made, ready: !readsModels && !readsEntry };
}

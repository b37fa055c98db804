import { api, type Component, type Field } from '@/api';
import type { ModelOf } from '@/renderer/model';

/** Most components whose models are read for the references of one. */
const most = 30;

/** The components that fields refer to. */
export function referred(fields: readonly Field[]): readonly string[] {
  const ids = fields.map((field) => field.catalog?.component ?? field.array?.component ?? '').filter((id) => id !== '');
  return [...new Set(ids)].sort();
}

/** Reads the models of components and of those that they refer to, so that expressions can follow references. */
const models = api.injectEndpoints({
  endpoints: (build) => ({
    pageModels: build.query<ModelOf[], readonly string[]>({
      async queryFn(ids, _api, _options, ask) {
        const found = new Map<string, ModelOf>();
        const seen = new Set(ids);
        const left = [...ids];
        for (let id = left.shift(); id !== undefined && found.size < most; id = left.shift()) {
          const { data } = await ask({ url: `/v1/components/${encodeURIComponent(id)}` });
          // One that is gone or hidden is reported by the check; expressions do without it.
          const fields = (data as Component | undefined)?.model?.fields;
          if (fields === undefined) continue;
          found.set(id, { id, fields });
          for (const next of referred(fields)) {
            if (!seen.has(next)) left.push(next);
            seen.add(next);
          }
        }
        return { data: [...found.values()] };
      },
      providesTags: ['Components'],
    }),
  }),
});

export const { usePageModelsQuery } = models;

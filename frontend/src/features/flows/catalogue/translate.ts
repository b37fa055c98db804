import type { Spec } from '@/api';

/** What a kind of step or task is called in another language; its settings by their names. */
export interface Words {
  title: string;
  summary: string;
  params: Readonly<Record<string, { title: string; help?: string } | undefined>>;
}

/** A spec with its texts in another language. What is not translated stays in the server's words. */
export function translate(spec: Spec, words: Words | undefined): Spec {
  if (words === undefined) return spec;
  const { title, summary, params } = words;
  return {
    ...spec,
    title,
    summary,
    params: spec.params?.map((param) => {
      const own = params[param.name ?? ''];
      return own === undefined ? param : { ...param, ...own };
    }),
  };
}

import type { Evaluator, Host } from '@/renderer/host';
import type { EntryForm } from '@/renderer/form';

/** The browser's pages have no expressions. */
const none: Evaluator = {
  evaluate: () => ({ ok: false, problem: 'no expressions here' }),
  subscribe: () => () => undefined,
};

/** What a page of the browser stands in. */
export function hostOf(form: EntryForm, dispatch: Host['dispatch']): Host {
  return { evaluator: none, form, mode: 'run', dispatch };
}

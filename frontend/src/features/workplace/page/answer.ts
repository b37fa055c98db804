import type { RunDataflowResponse } from '@/api';
import { readAction } from '@/controls/action/read';
import type { Action } from '@/controls/contract';

/**
 * The actions that a dataflow asks the page for, in order; what is no action of a page is left out. Their parameters stand beside the
 * type, and those that no action has a place for are the parameters of what is opened.
 */
export function actionsOf({ actions = [] }: RunDataflowResponse): readonly Action[] {
  return actions.flatMap(({ type = '', params = {} }) => {
    const { component, page, script, file, dataflow, workflow, ...rest } = params;
    // A component may be opened at one of its pages.
    const kind = type === 'open-component' && typeof page === 'string' && page !== '' ? 'open-page' : type;
    const named = Object.entries({ component, page, script, file, dataflow, workflow }).filter(([, value]) => typeof value === 'string');
    const action = readAction({ ...Object.fromEntries(named), type: kind, params: rest, input: rest });
    return action === undefined ? [] : [action];
  });
}

/** How many rows the steps of a dataflow refused. */
export function refusedRows({ steps = [] }: RunDataflowResponse): number {
  return steps.reduce((sum, step) => sum + Number(step.rowsFailed ?? 0), 0);
}

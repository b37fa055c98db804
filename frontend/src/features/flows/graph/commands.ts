import type { Dataflow } from '@/api';
import { changePart, type Command } from '@/draft';

/** Makes a command of an edit of a dataflow. `what` is a key below "flows:do". */
export function editFlow(id: string, what: string, change: (flow: Dataflow) => Dataflow, name = '', mergeKey?: string): Command {
  return changePart('dataflows', id, change, { label: `flows:do.${what}`, values: { name }, ...(mergeKey !== undefined && { mergeKey: `dataflows/${id}/${mergeKey}` }) });
}

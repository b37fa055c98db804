import type { Value } from '@/api';
import { changePart, type Command } from '@/draft';
import type { Document } from './document';

/** Makes a command of an edit of a workflow's document. `what` is a key below "flows:do". */
export function editDocument(id: string, what: string, change: (document: Document) => Document, name = '', mergeKey?: string): Command {
  return changePart('workflows', id, (workflow) => void (workflow.document = change((workflow.document ?? {}) as Document) as Value), {
    label: `flows:do.${what}`,
    values: { name },
    ...(mergeKey !== undefined && { mergeKey: `workflows/${id}/${mergeKey}` }),
  });
}

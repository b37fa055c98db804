import type { PageNode } from '@/renderer/document';
import { expressionOf } from '@/renderer/bindings';

const telling = ['title', 'heading', 'label', 'text', 'field', 'component'] as const;

/** The few words that tell a node from others of its type: what it says, or "fx" when that is an expression. */
export function summaryOf(node: PageNode): string {
  for (const name of telling) {
    const setting = node.props[name];
    if (expressionOf(setting) !== undefined) return 'fx';
    if (typeof setting === 'string' && setting !== '') return setting;
  }
  return '';
}

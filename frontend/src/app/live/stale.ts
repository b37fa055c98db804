import { anyEntries, type api, type Change } from '@/api';

type Tag = Parameters<typeof api.util.invalidateTags>[0][number];

/** What a change may have made stale. What is published is apart: it must not change under somebody's hands. */
export const live: readonly Tag[] = ['Entries', 'Runs', 'Tasks', 'Notices', 'Components', 'Publications'];

/** What must be read again after some changes, and whether another version is live. */
export function staleBy(changes: readonly Change[]): { tags: readonly Tag[]; released: boolean } {
  const tags = new Map<string, Tag>();
  let released = false;
  const add = (...more: readonly Tag[]) => more.forEach((tag) => tags.set(JSON.stringify(tag), tag));
  for (const { kind, component = '', id = '' } of changes) {
    switch (kind) {
      case 'KIND_ENTRY':
        add({ type: 'Entries', id: component }, anyEntries);
        break;
      case 'KIND_RUN':
        add('Runs');
        break;
      case 'KIND_TASK':
        add('Tasks');
        break;
      case 'KIND_NOTICE':
        add('Notices');
        break;
      case 'KIND_COMPONENT':
        add('Components');
        break;
      case 'KIND_PUBLICATION':
        add('Publications', 'Components');
        released ||= id === '';
        break;
      default:
        add(...live);
    }
  }
  return { tags: [...tags.values()], released };
}

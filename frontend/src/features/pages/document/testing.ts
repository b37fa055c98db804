import type { PageDocument, PageNode } from '@/renderer/document';

type Written = Partial<PageNode> & { type: string };

/** Writes a page for a test; the first node is the root. */
export function page(nodes: Record<string, Written>): PageDocument {
  return {
    root: Object.keys(nodes)[0] ?? '',
    nodes: Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, { name: id, props: {}, slots: {}, ...node }])),
  };
}

/** A page with a panel in it: page [ title, panel [ a, b ], end ]. */
export const nested = page({
  page: { type: 'page', slots: { children: ['title', 'panel', 'end'] } },
  title: { type: 'label' },
  panel: { type: 'panel', slots: { children: ['a', 'b'] } },
  a: { type: 'text-field', props: { field: 'A' } },
  b: { type: 'text-field' },
  end: { type: 'button' },
});

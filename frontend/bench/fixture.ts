/** What the page of a thousand controls is made of: the controls of forms, those with fields bound to them. */
const leaves = [
  { type: 'text-field', props: { field: 'title', label: 'Title' } },
  { type: 'label', props: { text: 'Some words' } },
  { type: 'number', props: { field: 'amount', label: 'Amount' } },
  { type: 'checkbox', props: { field: 'done', label: 'Done' } },
  { type: 'day', props: { field: 'due', label: 'Due' } },
  { type: 'label', props: { text: { $expr: '"Hello " + user.name' } } },
  { type: 'text-area', props: { field: 'notes', label: 'Notes' } },
  { type: 'select', props: { field: 'state', label: 'State' } },
  { type: 'button', props: { label: 'Go', action: { type: 'navigate-back' } } },
  { type: 'switch', props: { field: 'done', label: 'Done' } },
] as const;

/** How many controls a panel holds. */
export const perPanel = 100;

interface Node {
  type: string;
  name: string;
  props: object;
  slots: Record<string, string[]>;
}

/** A page with panels of a hundred controls each. */
function pageOf(panels: number) {
  const nodes: Record<string, Node> = { page: { type: 'page', name: 'page', props: { title: 'Big' }, slots: { children: [] } } };
  for (let p = 0; p < panels; p++) {
    const children = Array.from({ length: perPanel }, (_, i) => `n${p * perPanel + i}`);
    nodes.page?.slots.children?.push(`p${p}`);
    nodes[`p${p}`] = { type: 'panel', name: `p${p}`, props: { heading: `Part ${p + 1}` }, slots: { children } };
    for (const [i, id] of children.entries()) {
      const { type, props } = leaves[i % leaves.length] ?? leaves[0];
      nodes[id] = { type, name: id, props: { ...props, span: { desktop: 4 } }, slots: {} };
    }
  }
  return { root: 'page', nodes };
}

const fields = [
  { name: 'title', title: 'Title', type: 'FIELD_TYPE_STRING' },
  { name: 'amount', title: 'Amount', type: 'FIELD_TYPE_NUMBER' },
  { name: 'done', title: 'Done', type: 'FIELD_TYPE_BOOLEAN' },
  { name: 'due', title: 'Due', type: 'FIELD_TYPE_DATE' },
  { name: 'notes', title: 'Notes', type: 'FIELD_TYPE_STRING' },
  { name: 'state', title: 'State', type: 'FIELD_TYPE_INTEGER', integer: { options: [{ value: 0, label: 'Open' }, { value: 1, label: 'Closed' }] } },
];

/** A component with a page of a thousand controls and one of none. */
export const component = {
  id: 'bench_web',
  displayName: 'Bench',
  model: { fields },
  pages: [
    { id: 'big', title: 'Big', document: pageOf(10) },
    { id: 'none', title: 'None', document: pageOf(0) },
  ],
};

import type { Page } from 'playwright-core';
import { call, publish } from './calls';

// An app with every control that people type into, every action of a button, and a script that commands its page.

type Props = Record<string, unknown>;

const node = (type: string, props: Props = {}, slots: Record<string, string[]> = {}) => ({ type, name: '', props, slots });

function document(nodes: Record<string, ReturnType<typeof node>>, root = node('page', { title: '' }), slot = 'children') {
  const inner = new Set(Object.values(nodes).flatMap((one) => Object.values(one.slots).flat()));
  const all = Object.entries({ root: { ...root, slots: { [slot]: Object.keys(nodes).filter((id) => !inner.has(id)) } }, ...nodes });
  return { root: 'root', nodes: Object.fromEntries(all.map(([id, one]) => [id, { ...one, name: id }])) };
}

const press = (label: string, action: Props, more: Props = {}) => node('button', { label, action, ...more });

const fields = [
  { name: 'code', title: 'Code', type: 'FIELD_TYPE_STRING', required: true, primaryKey: true, query: true, isName: true, isTitle: true },
  { name: 'total', title: 'Total', type: 'FIELD_TYPE_NUMBER', query: true, number: { min: '0', precision: 2 } },
  { name: 'state', title: 'State', type: 'FIELD_TYPE_INTEGER', query: true, integer: { options: [{ value: 0, label: 'Open' }, { value: 1, label: 'Done' }] } },
  { name: 'day', title: 'Day', type: 'FIELD_TYPE_DATE' },
  { name: 'at', title: 'At', type: 'FIELD_TYPE_DATETIME' },
  { name: 'active', title: 'Active', type: 'FIELD_TYPE_BOOLEAN' },
  { name: 'urgent', title: 'Urgent', type: 'FIELD_TYPE_BOOLEAN' },
  { name: 'notes', title: 'Notes', type: 'FIELD_TYPE_STRING' },
  { name: 'owner', title: 'Owner', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'person' } },
  { name: 'papers', title: 'Papers', type: 'FIELD_TYPE_FILE', file: { acceptedTypes: ['text/plain'], maxBytes: 1000 } },
  { name: 'picture', title: 'Picture', type: 'FIELD_TYPE_FILE', file: { acceptedTypes: ['image/*'] } },
];

const inputs = {
  code: 'text-field', total: 'number', state: 'select', owner: 'select', day: 'day', at: 'date-time', active: 'checkbox', urgent: 'switch', notes: 'text-area',
  papers: 'file', picture: 'file',
};

const shown = [
  { field: 'code', sortable: true, filterable: true },
  { field: 'total', sortable: true, filterable: true },
  { field: 'state', sortable: true, filterable: true },
];

const save = { type: 'run-dataflow', dataflow: 'save' };

function pages(file: string) {
  const typed = Object.entries(inputs).map(([name, type]) => [name, node(type, { field: name })] as const);
  const form = {
    tabs: node('tab-control', { tab1: 'Basics', tab2: 'Files' }, {
      tab1: Object.keys(inputs).filter((name) => name !== 'papers' && name !== 'picture'), tab2: ['papers', 'picture', 'image'],
    }),
    ...Object.fromEntries(typed),
    image: node('image', { field: 'picture', alt: { $expr: "'Picture of ' + entry.code" } }),
    save: press('Save', save),
    look: press('Look up', { type: 'run-script', script: 'look' }),
  };
  const list = node('data-grid', {
    component: 'gear', pageSize: 10, selection: 'multiple', selectionLabel: 'Finish',
    selectionAction: { type: 'run-dataflow', dataflow: 'finish' },
    rowAction: { type: 'open-sidebar', page: 'details' }, addButton: { type: 'add-record', page: 'form' },
    columns: [
      ...shown,
      {
        header: 'Finish',
        command: { label: 'Finish it', icon: 'check', action: { type: 'run-dataflow', dataflow: 'finish' }, confirm: 'Is it really finished?', enabled: { $expr: 'item.state != 1' } },
      },
      { header: 'Remove', command: { label: 'Remove it', action: { type: 'delete-record' } } },
    ],
  });
  const kinds = node('data-grid', { component: 'gear', pageSize: 10, columns: ['code', 'state', 'active', 'day', 'at'].map((field) => ({ field, filterable: true })) });
  const one = node('data-grid', { component: 'gear', selection: 'single', selectionLabel: 'Edit it', selectionAction: { type: 'edit-record', page: 'form' }, columns: shown });
  const acts = {
    modal: press('Modal', { type: 'open-modal', page: 'note', params: { who: 'button' } }),
    sidebar: press('Sidebar', { type: 'open-sidebar', page: 'details', params: { code: 'S-1' } }),
    page: press('Page', { type: 'open-page', page: 'one' }),
    app: press('Component', { type: 'open-component', component: 'person' }),
    add: press('New', { type: 'add-record', page: 'form', params: { code: 'N-1' } }),
    flow: press('Flow', { type: 'run-dataflow', dataflow: 'lead', input: { who: { $expr: 'user.name' } } }),
    work: press('Workflow', { type: 'start-workflow', workflow: 'ask', input: { entry: { $expr: 'entry.id' } } }),
    file: press('File', { type: 'open-file', file }),
    remove: press('Delete', { type: 'delete-record' }),
    back: press('Back', { type: 'navigate-back' }),
    close: press('Close', { type: 'close' }),
  };
  const details = { code: node('text-field', { field: 'code' }), notes: node('text-field', { field: 'notes' }), save: press('Save', save), close: press('Leave', { type: 'close' }) };
  const note = { text: node('label', { text: { $expr: "'Hello ' + string(params.who)" } }), ok: press('Understood', { type: 'close' }) };
  const asked = { code: node('text-field', { field: 'code' }), question: node('confirmation-state', { empty: 'Nothing to answer' }) };
  return [
    { id: 'list', title: 'List', document: document({ list }) },
    { id: 'one', title: 'One', document: document({ one }) },
    { id: 'kinds', title: 'Kinds', document: document({ kinds }) },
    { id: 'form', title: 'Form', document: document(form) },
    { id: 'acts', title: 'Acts', document: document(acts) },
    { id: 'details', title: 'Details', document: document(details) },
    { id: 'asked', title: 'Asked', document: document(asked) },
    { id: 'note', title: 'Note', document: document(note, node('modal', { title: 'A note' })) },
  ];
}

const names = fields.map(({ name }) => name);

const dataflows = [
  {
    id: 'save', title: 'Save',
    steps: [
      { id: 'read', type: 'get-action-model', params: { validate: true } },
      { id: 'store', type: 'update-entry', sources: ['read'], params: { component: 'gear', key: ['code'], fields: Object.fromEntries(names.map((name) => [name, `item.${name}`])) } },
      { id: 'answer', type: 'write-response', sources: ['store'] },
    ],
  },
  {
    id: 'finish', title: 'Finish',
    steps: [
      { id: 'read', type: 'get-action-model', params: { validate: false } },
      { id: 'store', type: 'update-entry', sources: ['read'], params: { component: 'gear', key: ['code'], fields: { code: 'item.code', state: '1' } } },
    ],
  },
  {
    id: 'lead', title: 'Lead',
    steps: [
      { id: 'read', type: 'get-raw-model' },
      { id: 'go', type: 'form-action', sources: ['read'], params: { action: 'open-modal', params: { page: "'note'", who: 'item.who' } } },
    ],
  },
];

const look = `def main(item):
    code = item["code"]
    if code == "bad":
        return {"commands": [{"type": "error", "field": "code", "text": "Not this code"}]}
    if code == "go":
        return {"commands": [{"type": "open-page", "page": "one"}]}
    return {"commands": [
        {"type": "set", "fields": {"notes": "by script", "total": "7.50"}},
        {"type": "message", "text": "Looked up"},
        {"type": "refresh"},
        {"type": "open-modal", "page": "note", "params": {"who": code}},
    ]}
`;

const ask = {
  document: { dsl: '1.0.3', namespace: 'gear', name: 'ask', version: '1.0.0' },
  evaluate: { language: 'cel' },
  do: [{
    ask: { call: 'confirm', with: { title: 'Is it right?', choices: [{ value: 1, label: 'It is' }, { value: 2, label: 'It is not' }], roles: ['admin'], page: 'asked' } },
  }],
};

/** What the rows of the list are made of: T-01 to T-25 with totals from 1 to 25. */
export const codes = Array.from({ length: 25 }, (_, i) => `T-${String(i + 1).padStart(2, '0')}`);

/** Makes the app with its data, and gives the ids of the entries by code. */
export async function makeGear(page: Page): Promise<ReadonlyMap<string, string>> {
  const uploaded = await page.context().request.post('/v1/files:upload?name=plan.txt', { data: 'a plan', headers: { 'Content-Type': 'text/plain' } });
  const { id: file } = (await uploaded.json()) as { id: string };
  await call(page, 'POST', '/v1/components', {
    id: 'person', displayName: 'People', model: { fields: [{ name: 'full', title: 'Name', type: 'FIELD_TYPE_STRING', required: true, query: true, isName: true, isTitle: true }] },
    pages: [{ id: 'people', title: 'All people', document: document({ grid: node('data-grid', { component: 'person' }) }) }],
  });
  await call(page, 'POST', '/v1/components', {
    id: 'gear', displayName: 'Gear', model: { fields }, pages: pages(file), dataflows, scripts: [{ id: 'look', title: 'Look', source: look }],
    workflows: [{ id: 'ask', title: 'Ask', document: ask }],
  });
  await publish(page, ['person', 'gear']);
  for (const full of ['Grace Hopper', 'Alan Turing']) await call(page, 'POST', '/v1/components/person/entries', { fields: { full } });
  const ids = new Map<string, string>();
  for (const [i, code] of codes.entries()) {
    const { id } = await call<{ id: string }>(page, 'POST', '/v1/components/gear/entries', { fields: { code, total: String(i + 1), state: 0 } });
    ids.set(code, id);
  }
  return ids;
}

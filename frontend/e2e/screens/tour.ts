import type { Page } from 'playwright-core';
import { call, publish } from '../calls';

// What the samples do not have and a person may meet: every control of forms on one page, a page at the side of another, a component
// with problems, and one that waits for its publication.

type Node = readonly [type: string, props: Record<string, unknown>];

const fields = [
  { name: 'title', title: 'Title', type: 'FIELD_TYPE_STRING', isName: true, required: true, query: true },
  { name: 'amount', title: 'Amount', type: 'FIELD_TYPE_NUMBER' },
  { name: 'done', title: 'Done', type: 'FIELD_TYPE_BOOLEAN' },
  { name: 'due', title: 'Due', type: 'FIELD_TYPE_DATETIME' },
  { name: 'day', title: 'Day', type: 'FIELD_TYPE_DATE' },
  { name: 'kind', title: 'Kind', type: 'FIELD_TYPE_INTEGER', integer: { options: [{ value: 0, label: 'Small' }, { value: 1, label: 'Large' }] } },
  { name: 'paper', title: 'Paper', type: 'FIELD_TYPE_FILE' },
];

const everything: readonly Node[] = [
  ['label', { text: 'Everything a form may ask for' }],
  ['text-field', { field: 'title', label: 'Title' }],
  ['number', { field: 'amount', label: 'Amount' }],
  ['select', { field: 'kind', label: 'Kind' }],
  ['radio-button', { field: 'kind', label: 'Kind, all of them' }],
  ['date-time', { field: 'due', label: 'Due' }],
  ['day', { field: 'day', label: 'Day' }],
  ['checkbox', { field: 'done', label: 'Done' }],
  ['switch', { field: 'done', label: 'Done, as a switch' }],
  ['text-area', { field: 'title', label: 'In several lines' }],
  ['password', { field: 'title', label: 'Secret' }],
  ['file', { field: 'paper', label: 'Paper' }],
  ['progress-bar', { value: 40, label: 'Progress' }],
  ['hyperlink', { text: 'A link', href: 'https://example.com/' }],
  ['button', { label: 'Send', action: { type: 'navigate-back' } }],
];

function document(title: string, nodes: readonly Node[]): unknown {
  const ids = nodes.map((_, at) => `n${at}`);
  const drawn = nodes.map(([type, props], at) => [`n${at}`, { type, name: `n${at}`, props, slots: {} }] as const);
  return { root: 'page', nodes: { page: { type: 'page', name: 'page', props: { title }, slots: { children: ids } }, ...Object.fromEntries(drawn) } };
}

/** Makes it all, in the window of somebody who may. */
export async function makeTour(page: Page): Promise<void> {
  const grid: Node = ['data-grid', { component: 'invoice', pageSize: 10, rowAction: { type: 'open-sidebar', component: 'invoice', page: 'add_view_invoice' } }];
  await call(page, 'POST', '/v1/components', {
    id: 'tour', displayName: 'Tour of the controls', model: { fields },
    pages: [
      { id: 'controls', title: 'All controls', document: document('All controls', everything) },
      { id: 'beside', title: 'Beside', document: document('Beside', [grid]) },
    ],
  });
  await publish(page, ['tour']);
  await call(page, 'POST', '/v1/components', {
    id: 'broken', displayName: 'Needs a repair', model: { fields },
    pages: [{ id: 'bad', title: 'With problems', document: document('With problems', [['text-field', { field: 'nothing_here', label: 'Lost' }], ['label', { text: { $expr: 'entry.amount +' } }]]) }],
    dataflows: [{ id: 'sum', title: 'Sum up', steps: [{ id: 'read', type: 'get-action-model' }, { id: 'answer', type: 'write-response', sources: ['nobody'] }] }],
  });
  await call(page, 'POST', '/v1/components', { id: 'waiting', displayName: 'Waits for its publication', model: { fields }, pages: [{ id: 'one', title: 'One', document: document('One', []) }] });
}

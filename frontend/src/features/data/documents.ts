import type { Field } from '@/api';
import { usualControl } from '@/controls/usual';
import type { PageDocument, PageNode } from '@/renderer/document';
import type { JsonObject } from '@/values/json';
import { kindOf } from '@/values/value';

/** Pages of the browser's own; the host knows them by these names. */
export const entryPage = 'entry';

/** Most columns of the grid; the form has them all. */
const mostColumns = 12;

/** A page with one grid of all entries of a component. */
export function gridDocument(component: string, fields: readonly Field[]): PageDocument {
  const columns = fields
    .filter((field) => field.isVirtual !== true && kindOf(field.type) !== 'array')
    .slice(0, mostColumns)
    .map((field): JsonObject => {
      const query = field.query === true || field.primaryKey === true;
      return { field: field.name, header: field.title || field.name, sortable: query, filterable: query };
    });
  const props: JsonObject = {
    component,
    columns,
    pageSize: 50,
    orderBy: 'create_time desc',
    addButton: { type: 'add-record', page: entryPage },
    rowAction: { type: 'edit-record', page: entryPage },
  };
  return page({ grid: node('data-grid', 'entries', props) });
}

/** A page with one input per stored field. */
export function formDocument(fields: readonly Field[]): PageDocument {
  const stored = fields.filter((field) => field.isVirtual !== true);
  return page(Object.fromEntries(stored.map((field, i) => [`f${i}`, node(usualControl(field), field.name ?? '', { field: field.name ?? '', label: field.title ?? '' })])));
}

function node(type: string, name: string, props: JsonObject): PageNode {
  return { type, name, props, slots: {} };
}

function page(nodes: Readonly<Record<string, PageNode>>): PageDocument {
  return { root: 'page', nodes: { page: { type: 'page', name: 'page', props: { title: '' }, slots: { children: Object.keys(nodes) } }, ...nodes } };
}

import { expect, it } from 'vitest';
import type { Field } from '@/api';
import { readDocument } from '@/renderer/document';
import type { Json } from '@/values/json';
import { fieldKinds } from '@/values/value';
import { formDocument, gridDocument } from './documents';

const fields: Field[] = fieldKinds.map((kind) => ({ id: kind, name: kind, type: `FIELD_TYPE_${kind.toUpperCase() as 'STRING'}` }));

it('makes a form that is a document, without what is never stored', () => {
  const document = formDocument([...fields, { name: 'shown', type: 'FIELD_TYPE_STRING', isVirtual: true }]);
  expect(readDocument(JSON.parse(JSON.stringify(document)) as Json)).toEqual(document);
  expect(Object.values(document.nodes).map((node) => node.props.field)).not.toContain('shown');
});

it('shows entries in a grid that sorts and filters by what is indexed', () => {
  const { grid } = gridDocument('invoice', [
    { name: 'number', title: 'No.', type: 'FIELD_TYPE_STRING', query: true },
    { name: 'note', type: 'FIELD_TYPE_STRING' },
    { name: 'lines', type: 'FIELD_TYPE_ARRAY' },
  ]).nodes;
  expect(grid?.props).toMatchObject({
    component: 'invoice',
    columns: [
      { field: 'number', header: 'No.', sortable: true, filterable: true },
      { field: 'note', header: 'note', sortable: false, filterable: false },
    ],
  });
});

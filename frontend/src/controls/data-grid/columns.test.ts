import { expect, it } from 'vitest';
import { ColumnError, readColumns, showColumns } from './columns';

it('reads what a document says', () => {
  expect(readColumns([{ field: 'brand', header: 'Brand', sortable: true, width: 200 }])).toEqual([
    { field: 'brand', header: 'Brand', sortable: true, filterable: false, visible: true, width: 200 },
  ]);
  expect(readColumns(undefined)).toEqual([]);
  const action = { type: 'delete-record' };
  const [command] = readColumns([{ command: { label: 'Delete', icon: 'delete', action } }]);
  expect(command?.command).toEqual({ label: 'Delete', icon: 'delete', action });
  const [sometimes] = readColumns([{ command: { action, enabled: { $expr: 'item.sold' } } }]);
  expect(sometimes?.command).toEqual({ action, enabled: 'item.sold' });
});

it.each([[{}], ['brand'], [['brand']], [[{}]], [[{ field: 'a b' }]], [[{ field: 'x == 1 || true' }]], [[{ command: { action: { type: 'boom' } } }]]])(
  'refuses %j',
  (json) => {
    expect(() => readColumns(json)).toThrow(ColumnError);
  },
);

it('finds fields, also through a reference and of the system', () => {
  const fields = {
    car: [{ name: 'owner', title: 'Owner', type: 'FIELD_TYPE_CATALOG' as const, catalog: { component: 'person' } }],
    person: [{ name: 'age', title: 'Age', type: 'FIELD_TYPE_INTEGER' as const }],
  };
  const shown = showColumns([{ field: 'owner' }, { field: 'owner.age' }, { field: 'create_time', header: 'Made' }, { field: 'x', visible: false }], 'car', (id) =>
    id === 'car' || id === 'person' ? fields[id] : [],
  );
  expect(shown.map(({ title, kind, through }) => [title, kind, through?.name])).toEqual([
    ['Owner', 'catalog', undefined],
    ['Age', 'integer', 'owner'],
    ['Made', 'datetime', undefined],
  ]);
});

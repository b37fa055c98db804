import { expect, it } from 'vitest';
import { readAction } from './read';

it('reads actions of a document', () => {
  expect(readAction({ type: 'run-dataflow', dataflow: 'save' })).toEqual({ type: 'run-dataflow', dataflow: 'save' });
  expect(readAction({ page: 'add' }, 'add-record')).toEqual({ type: 'add-record', page: 'add' });
  expect(readAction({ type: 'close' })).toEqual({ type: 'close' });
});

it.each([[undefined], ['save'], [{}], [{ type: 'launch' }], [{ type: 'toString' }], [{ type: 'open-page' }], [{ type: 'open-page', page: '' }], [{ type: 'run-dataflow', dataflow: 7 }]])(
  'takes %j for no action',
  (json) => {
    expect(readAction(json)).toBeUndefined();
  },
);

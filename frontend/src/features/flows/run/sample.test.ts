import { expect, it } from 'vitest';
import { readInput, sampleOf } from './sample';

it('makes an input of the right types', () => {
  const fields = [
    { name: 'Number', title: 'No.', type: 'FIELD_TYPE_STRING' as const },
    { name: 'State', type: 'FIELD_TYPE_INTEGER' as const, integer: { options: [{ value: '3', label: 'Open' }] } },
    { name: 'Total', type: 'FIELD_TYPE_NUMBER' as const },
    { name: 'Customer', type: 'FIELD_TYPE_CATALOG' as const },
    { name: 'Made', type: 'FIELD_TYPE_STRING' as const, isVirtual: true },
  ];
  expect(sampleOf({ model: { fields } })).toEqual({ Number: 'No.', State: 3, Total: '1' });
});

it('reads an input, and says what is wrong with it', () => {
  expect(readInput(' ')).toEqual({ input: {} });
  expect(readInput('[{"a": 1}]')).toEqual({ input: [{ a: 1 }] });
  expect(readInput('{a')).toHaveProperty('error');
});

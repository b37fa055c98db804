import { describe, expect, it } from 'vitest';
import type { Field } from '@/api';
import { registry } from '@/controls/registry';
import { fakeControl } from '../testing';
import { controlFor } from './suggest';

const controls = registry([
  fakeControl('page', { slots: ['children'] }),
  fakeControl('text-field', { bind: { kinds: ['string', 'uri'] } }),
  fakeControl('number', { bind: { kinds: ['integer', 'number'] } }),
  fakeControl('select', { bind: { kinds: ['integer', 'catalog'] } }),
  fakeControl('other', { bind: { kinds: ['time'] } }),
]);

describe('the control for a field', () => {
  it.each<[Field, string | undefined]>([
    [{ type: 'FIELD_TYPE_STRING' }, 'text-field'],
    [{ type: 'FIELD_TYPE_INTEGER' }, 'number'],
    [{ type: 'FIELD_TYPE_INTEGER', integer: { options: [{ value: '0', label: 'New' }] } }, 'select'],
    [{ type: 'FIELD_TYPE_CATALOG' }, 'select'],
    [{ type: 'FIELD_TYPE_TIME' }, 'other'],
    [{ type: 'FIELD_TYPE_FILE' }, undefined],
    [{}, undefined],
  ])('%j is %s', (field, type) => {
    expect(controlFor(field, controls)?.type).toBe(type);
  });
});

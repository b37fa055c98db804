import { describe, expect, it, vi } from 'vitest';
import type { Field } from '@/api';
import { referred } from './models';
import { fitting, sampleEntries } from './sample';

const fields: readonly Field[] = [
  { name: 'name', type: 'FIELD_TYPE_STRING' },
  { name: 'year', type: 'FIELD_TYPE_INTEGER' },
  { name: 'manager', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'staff' } },
  { name: 'others', type: 'FIELD_TYPE_ARRAY', array: { component: 'staff' } },
];

describe('the sample entry', () => {
  it('loses what does not fit the model any more', () => {
    const entry = { id: 'e', fields: { name: 'Car', year: 'soon', gone: 1 } };
    expect(fitting(entry, fields)).toEqual({ id: 'e', fields: { name: 'Car' } });
  });
});

describe('the entries that it refers to', () => {
  it('are those of other components', () => {
    expect(referred(fields)).toEqual(['staff']);
  });

  it('are fetched once, and known to be missing', async () => {
    const fetch = vi.fn((_: string, id: string) => Promise.resolve(id === 'm1' ? { id, fields: { name: 'Mara' } } : undefined));
    const entries = sampleEntries(fetch, [{ id: 'staff', fields }]);
    const woken = vi.fn();
    entries.subscribe(woken);
    expect(entries.find('staff', 'm1')).toBeUndefined();
    await Promise.all([entries.load('staff', 'm1'), entries.load('staff', 'm1'), entries.load('staff', 'm2')]);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(entries.find('staff', 'm1')).toMatchObject({ id: 'm1', name: 'Mara' });
    expect(entries.find('staff', 'm2')).toBeNull();
    expect(woken).toHaveBeenCalledTimes(2);
    expect(entries.version()).toBe(2);
  });
});

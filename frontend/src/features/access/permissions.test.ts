import { expect, it } from 'vitest';
import { allPermissions, distinct, grantOf } from './permissions';

it('limits to a component what is about one', () => {
  expect(grantOf('entries.*', 'invoice')).toEqual({ permission: 'entries.*', component: 'invoice' });
  expect(grantOf('users.read', 'invoice')).toEqual({ permission: 'users.read', component: '' });
  expect(grantOf('*', 'invoice')).toEqual({ permission: '*', component: '' });
});

it('names families and single permissions', () => {
  expect(allPermissions).toEqual(expect.arrayContaining(['*', 'entries.*', 'entries.read', 'users.write']));
  expect(new Set(allPermissions).size).toBe(allPermissions.length);
});

it('keeps each grant once', () => {
  const a = { permission: 'entries.read', component: 'a' };
  expect(distinct([a, { ...a }, { ...a, component: 'b' }])).toEqual([a, { ...a, component: 'b' }]);
});

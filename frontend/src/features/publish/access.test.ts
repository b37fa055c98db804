import { expect, it } from 'vitest';
import { rolesThatOpen } from './access';

it('knows the roles that let somebody who only works see an app', () => {
  const roles = [
    { id: 'admin', grants: [{ permission: '*' }] },
    { id: 'developer', grants: [{ permission: 'entries.*' }] },
    { id: 'member', grants: [] },
    { id: 'clerk', grants: [{ permission: 'entries.*', component: 'invoice' }] },
    { id: 'runner', grants: [{ permission: 'dataflows.run' }] },
    { id: 'keeper', grants: [{ permission: 'users.read' }] },
  ];
  expect(rolesThatOpen(roles, 'invoice').map((role) => role.id)).toEqual(['clerk', 'runner']);
  expect(rolesThatOpen(roles, 'car').map((role) => role.id)).toEqual(['runner']);
  expect(rolesThatOpen(roles.slice(0, 3), 'invoice')).toEqual([]);
});

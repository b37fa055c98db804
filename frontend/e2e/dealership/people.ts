import type { Page } from 'playwright-core';
import { fill, type Visit } from '../browser';
import { button, choose, password, turnTo, typeName, write } from '../gestures';

/** A permission, and the component that it is limited to. */
type GrantPlan = readonly [permission: string, component: string];

interface RolePlan {
  name: string;
  email: string;
  person: string;
  grants: readonly GrantPlan[];
}

export const clerk: RolePlan = {
  name: 'Fleet clerk', person: 'Clara', email: 'clara@example.com',
  grants: [['entries.*', 'Car Fleet'], ['entries.read', 'Transaction Specialists'], ['dataflows.run', 'Car Fleet'], ['files.*', '']],
};
export const specialist: RolePlan = {
  name: 'Transaction specialist', person: 'Sven', email: 'sven@example.com',
  grants: [
    ['entries.read', 'Car Fleet'], ['entries.update', 'Car Fleet'], ['entries.write', 'Car Fleet'], ['entries.read', 'Transaction Specialists'],
    ['entries.read', 'Managers Grid'], ['dataflows.run', 'Car Fleet'], ['workflows.start', 'Car Fleet'],
  ],
};
export const auditor: RolePlan = {
  name: 'Fleet auditor', person: 'Aron', email: 'aron@example.com',
  grants: [['entries.read', 'Car Fleet'], ['entries.read', 'Transaction Specialists']],
};

export async function goAccess(page: Page, tab: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Navigation' }).getByRole('link', { name: 'Access' }).click();
  await page.getByRole('navigation', { name: 'Access' }).getByRole('link', { name: tab }).click();
}

export async function makeRole(page: Page, role: RolePlan): Promise<void> {
  await button(page, 'New role').click();
  const dialog = page.getByRole('dialog', { name: 'New role' });
  await typeName(page, role.name);
  for (const [at, [permission, component]] of role.grants.entries()) {
    await button(dialog, 'Add permission').click();
    await dialog.getByRole('combobox', { name: 'Permission' }).nth(at).click();
    await page.getByRole('option', { name: permission, exact: true }).click();
    if (component === '') continue;
    await dialog.getByRole('combobox', { name: 'Component' }).nth(at).click();
    await page.getByRole('option', { name: component, exact: true }).click();
  }
  await button(dialog, 'Create').click();
  await page.getByRole('article', { name: role.name }).waitFor();
}

/** Makes an invitation and gives its link. */
export async function invite(page: Page, { email, name }: RolePlan): Promise<string> {
  await button(page, 'Invite').click();
  const dialog = page.getByRole('dialog', { name: 'Invite a person' });
  await dialog.getByLabel('E-mail address').fill(email);
  await dialog.getByRole('checkbox', { name }).check();
  await button(dialog, 'Make invitation').click();
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await button(dialog, 'Done').click();
  await page.getByText(email).waitFor();
  return link;
}

/** Says who may open a page; the list of pages must be open. */
export async function letOpen(page: Page, title: string, roles: readonly string[]): Promise<void> {
  await button(page, `Settings of ${title}`).click();
  const dialog = page.getByRole('dialog', { name: 'Page settings' });
  for (const role of roles) {
    await dialog.getByRole('combobox', { name: 'Roles' }).click();
    await page.getByRole('option', { name: role, exact: true }).click();
  }
  await button(dialog, 'Done').click();
  await dialog.waitFor({ state: 'detached' });
}

/** Says what a role may do with entries. */
export async function addRule(page: Page, number: number, role: string, allowed: readonly string[], filter?: string): Promise<void> {
  await turnTo(page, 'Overview');
  await button(page, 'Add rule').click();
  const rule = page.getByRole('group', { name: `Rule ${number}`, exact: true });
  await choose(rule, 'Role', role);
  for (const operation of ['Read', 'Create', 'Change', 'Delete']) await rule.getByRole('checkbox', { name: operation }).setChecked(allowed.includes(operation));
  if (filter !== undefined) await write(rule.getByRole('textbox', { name: 'Only entries for which' }), filter);
}

/** Only a role may run a dataflow by itself; the list of dataflows is opened. */
export async function letRun(page: Page, dataflow: string, role: string): Promise<void> {
  await turnTo(page, 'Dataflows');
  await page.getByRole('main').getByRole('link', { name: dataflow }).click();
  await page.getByRole('region', { name: 'Settings' }).getByRole('combobox', { name: 'Roles' }).click();
  await page.getByRole('option', { name: role, exact: true }).click();
  await page.keyboard.press('Escape');
}

/** Joins by the link of an invitation. */
export async function join({ page }: Visit, link: string, { person }: RolePlan): Promise<void> {
  await page.goto(link);
  await page.getByRole('heading', { name: 'Accept the invitation' }).waitFor();
  await fill(page, { 'Your name': person, Password: password });
  await button(page, 'Join').click();
  await page.waitForURL('**/work');
}

export async function signIn({ page }: Visit, { email }: RolePlan): Promise<void> {
  await page.goto('/');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await fill(page, { 'E-mail address': email, Password: password });
  await button(page, 'Sign in').click();
  await page.waitForURL('**/work');
}

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, fill, shoot, startBrowser, visit, type Visit } from './browser';
import { call, publish } from './calls';
import { addRule, goAccess, invite, join, makeRole } from './dealership/people';
import { button, choose, password, plan, publishNow, saved, setUp, write } from './gestures';
import { type Platform, startPlatform } from './platform';

// What an administrator does: people, keys, rules, triggers, going back to what was, and the data itself.

let platform: Platform;
let browser: Browser;
let ada: Visit;
let grace: Visit;

const reader = { name: 'Memo reader', email: 'grace@example.com', person: 'Grace', grants: [['entries.read', 'Memos']] } as const;

const memos = {
  id: 'memo', displayName: 'Memos',
  model: {
    fields: [
      { name: 'subject', title: 'Subject', type: 'FIELD_TYPE_STRING', required: true, query: true, primaryKey: true, isName: true, isTitle: true },
      { name: 'open', title: 'Open', type: 'FIELD_TYPE_BOOLEAN', query: true },
    ],
  },
  pages: [{
    id: 'all', title: 'All memos',
    document: {
      root: 'page',
      nodes: {
        page: { type: 'page', name: 'page', props: { title: 'All memos' }, slots: { children: ['grid'] } },
        grid: { type: 'data-grid', name: 'grid', props: { component: 'memo' }, slots: {} },
      },
    },
  }],
  workflows: [{
    id: 'welcome', title: 'Welcome a memo',
    document: { document: { dsl: '1.0.3', namespace: 'memo', name: 'welcome', version: '1.0.0' }, evaluate: { language: 'cel' }, do: [{ greet: { set: { done: true } } }] },
  }],
};

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
  ada = await visit(browser, platform.url, { viewport: { width: 1440, height: 900 } });
  ada.page.setDefaultTimeout(15_000);
  await setUp(ada.page, platform);
  await call(ada.page, 'POST', '/v1/components', memos);
  await publish(ada.page, ['memo']);
  for (const [subject, open] of [['Lunch', true], ['Salaries', false]] as const) await call(ada.page, 'POST', '/v1/components/memo/entries', { fields: { subject, open } });
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const cell = (page: Page, name: string) => page.getByRole('gridcell', { name, exact: true });

/** Publishes what was changed in the Studio, by mouse. */
async function goLive(page: Page): Promise<void> {
  await saved(page);
  await plan(page, 'Memos');
  await publishNow(page);
}

it('lets a person in, and gives the roles that decide what she sees', async () => {
  const { page } = ada;
  await page.goto('/');
  await goAccess(page, 'Roles');
  await makeRole(page, { ...reader, grants: [...reader.grants] });
  await goAccess(page, 'Users');
  const link = await invite(page, { ...reader, name: 'Member', grants: [] });
  grace = await visit(browser, platform.url);
  grace.page.setDefaultTimeout(15_000);
  await join(grace, link, { ...reader, grants: [] });
  await grace.page.goto('/work/memo/all');
  await grace.page.getByRole('heading', { name: 'This page cannot be opened' }).or(grace.page.getByRole('alert')).first().waitFor();
  expect(await cell(grace.page, 'Lunch').count()).toBe(0);

  await goAccess(page, 'Roles'); // she has come meanwhile
  await goAccess(page, 'Users');
  await button(page, 'Actions for Grace').click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit grace@example.com' });
  await dialog.getByRole('checkbox', { name: 'Memo reader' }).check();
  await expectAccessible(page);
  await shoot(page, 'admin-user');
  await button(dialog, 'Save').click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Grace/ }).getByText('Memo reader').waitFor();
  await grace.page.goto('/work/memo/all');
  for (const name of ['Lunch', 'Salaries']) await cell(grace.page, name).waitFor();
  expect([...ada.problems, ...grace.problems]).toEqual([]);
});

it('shows who did what, and that nobody changed the notes', async () => {
  const { page } = ada;
  await goAccess(page, 'Audit');
  await page.getByRole('row', { name: /Users\.UpdateUser/ }).getByText('Done').first().waitFor();
  await button(page, 'Verify').click();
  await page.getByText(/are as they were sealed/).waitFor();
  await expectAccessible(page);
  await shoot(page, 'admin-audit');
  await page.getByLabel('Who').click();
  await page.getByRole('option', { name: 'Grace' }).click();
  await page.getByRole('row', { name: /Users\.UpdateUser/ }).first().waitFor({ state: 'detached' });
});

it('shows by a rule of the component only what the rule lets through', async () => {
  const { page } = ada;
  await page.goto('/studio/memo');
  await addRule(page, 1, 'Memo reader', ['Read'], 'entry.open == true');
  await saved(page);
  await expectAccessible(page);
  await shoot(page, 'admin-rules');
  await goLive(page);
  await grace.page.goto('/work/memo/all');
  await cell(grace.page, 'Lunch').waitFor();
  expect(await cell(grace.page, 'Salaries').count()).toBe(0);
  await page.goto('/work/memo/all');
  for (const name of ['Lunch', 'Salaries']) await cell(page, name).waitFor();
  expect([...ada.problems, ...grace.problems]).toEqual([]);
});

it('makes a key that is shown once, works outside, and is refused once revoked', async () => {
  const { page, problems } = ada;
  await page.goto('/');
  await goAccess(page, 'API keys');
  await button(page, 'New API key').click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Nightly report');
  await button(page.getByRole('dialog'), 'Create').click();
  const key = await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).inputValue();
  await expectAccessible(page);
  await button(page.getByRole('dialog'), 'Done').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('Nightly report').waitFor();
  expect(await page.content()).not.toContain(key);

  const outside = await browser.newContext({ baseURL: platform.url, ignoreHTTPSErrors: true });
  const use = async () => (await outside.request.get('/v1/components/memo/entries', { headers: { Authorization: `Bearer ${key}` } })).status();
  expect(await use()).toBe(200);
  await button(page, 'Revoke Nightly report').click();
  await button(page.getByRole('dialog'), 'Revoke').click();
  await page.getByText('No API keys').waitFor();
  expect(await use()).toBe(401);
  await outside.close();
  expect(problems).toEqual([]);
});

it('starts a workflow when an entry is made in the data browser, where entries are found, changed and deleted', async () => {
  const { page, problems } = ada;
  await page.goto('/studio/memo');
  await button(page, 'Add trigger').click();
  const trigger = page.getByRole('group', { name: /^Trigger / });
  await choose(trigger, 'When an entry is', 'created');
  await choose(trigger, 'start', 'Welcome a memo');
  await write(trigger.getByRole('textbox', { name: 'Only if' }), 'entry.open == true');
  await goLive(page);

  await page.goto('/studio/memo/data');
  await cell(page, 'Lunch').waitFor();
  for (const [subject, open] of [['Quiet', false], ['Party', true]] as const) {
    await button(page, 'Add').click();
    const fresh = page.getByRole('dialog', { name: 'New entry' });
    await fresh.getByRole('textbox', { name: 'Subject' }).fill(subject);
    if (open) await fresh.getByRole('checkbox', { name: 'Open' }).or(fresh.getByRole('switch', { name: 'Open' })).check();
    await button(fresh, 'Save').click();
    await fresh.waitFor({ state: 'detached' });
    await cell(page, subject).waitFor();
  }
  await cell(page, 'Party').click();
  const dialog = page.getByRole('dialog', { name: 'Party' });
  await dialog.getByRole('textbox', { name: 'Subject' }).fill('Lunch'); // is taken
  await button(dialog, 'Save').click();
  await dialog.locator('[aria-invalid=true]').waitFor();
  await dialog.getByRole('textbox', { name: 'Subject' }).fill('Garden party');
  await button(dialog, 'Save').click();
  await cell(page, 'Garden party').waitFor();
  await cell(page, 'Quiet').click();
  const quiet = page.getByRole('dialog', { name: 'Quiet' });
  await button(quiet, 'Delete').click();
  await button(quiet, 'Really delete').click();
  await cell(page, 'Quiet').waitFor({ state: 'detached' });
  await page.getByRole('textbox', { name: 'Search' }).fill('gard');
  await cell(page, 'Lunch').waitFor({ state: 'detached' });
  await cell(page, 'Garden party').waitFor();
  await shoot(page, 'admin-data');

  // The entry that was not open started nothing.
  await page.goto('/work/runs');
  await page.getByRole('link', { name: /Welcome a memo|welcome/ }).first().click();
  await page.getByText(/Completed|Finished|Succeeded|Done/).first().waitFor();
  const { runs = [] } = await call<{ runs?: unknown[] }>(page, 'GET', '/v1/runs?component=memo');
  expect(runs).toHaveLength(1);
  expect(problems).toEqual([]);
});

it('goes back to a revision and to a release', async () => {
  const { page, problems } = ada;
  await page.goto('/studio/memo');
  const name = page.getByRole('textbox', { name: 'Name' });
  const revisions = page.getByRole('region', { name: 'Revisions' });
  await name.fill('Letters');
  await saved(page);
  await revisions.getByRole('button', { name: /^What changed in revision/ }).first().click();
  await revisions.getByText('display name changed from "Memos" to "Letters"').waitFor();
  await expectAccessible(page);
  await revisions.getByRole('button', { name: /^Restore revision/ }).first().click();
  await expect.poll(() => name.inputValue()).toBe('Memos');
  await saved(page);
  await page.reload();
  await expect.poll(() => name.inputValue()).toBe('Memos');

  await name.fill('Letters');
  await saved(page);
  await plan(page, 'Letters');
  await publishNow(page);
  await page.goto('/work');
  await page.getByRole('link', { name: 'Letters' }).waitFor();
  await page.goto('/publications');
  await button(page, /^Restore the release of/).first().click();
  const dialog = page.getByRole('dialog', { name: /^Restore the release/ });
  await expectAccessible(page);
  await button(dialog, 'Restore').click();
  await page.getByRole('heading', { name: 'Published' }).waitFor({ timeout: 30_000 });
  await page.goto('/work');
  await page.getByRole('link', { name: 'Memos', exact: true }).waitFor();
  expect(await page.getByRole('link', { name: 'Letters' }).count()).toBe(0);
  expect(problems).toEqual([]);
});

it('ends the session of a user who is disabled, and says why she cannot come back', async () => {
  const { page } = ada;
  await grace.page.goto('/work/memo/all');
  await cell(grace.page, 'Lunch').waitFor();
  await page.goto('/');
  await goAccess(page, 'Users');
  await button(page, 'Actions for Grace').click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit grace@example.com' });
  await dialog.getByRole('switch', { name: /^Disabled/ }).check();
  await button(dialog, 'Save').click();
  await page.getByRole('row', { name: /Grace/ }).getByText('Disabled').waitFor();

  // Her next action, if the page has not noticed before.
  await button(grace.page, 'Load again').click({ timeout: 2_000 }).catch(() => undefined);
  await grace.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await cell(grace.page, 'Lunch').count()).toBe(0);
  await fill(grace.page, { 'E-mail address': reader.email, Password: password });
  await button(grace.page, 'Sign in').click();
  await grace.page.getByText('This account is disabled. Ask your administrator.').waitFor();
  await shoot(grace.page, 'admin-disabled');
  expect([...ada.problems, ...grace.problems]).toEqual([]);
});

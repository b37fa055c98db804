import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Component, Entry } from '@/api';
import { fill, shoot, startBrowser, visit, type Visit } from './browser';
import { call, publish } from './calls';
import { addField, button, password, saved, setUp, turnTo } from './gestures';
import { type Platform, startPlatform } from './platform';

// What becomes of a person's work when something fails: a control, the network, the server, an answer, the session, or somebody else was faster.

let platform: Platform;
let browser: Browser;
let v: Visit;

const label = (text: string) => ({ type: 'label', name: 'text', props: { text }, slots: {} });

/** Settings that the server keeps, and that no control can use. */
const odd = {
  root: 'page',
  nodes: {
    page: { type: 'page', name: 'page', props: { title: { $expr: '1 + 1' } }, slots: { children: ['before', 'grid', 'fly', 'panel', 'ratio', 'unknown', 'called', 'save'] } },
    before: label('Here it begins'),
    grid: { type: 'data-grid', name: 'grid', props: { component: 'notes', columns: 'all of them' }, slots: {} },
    fly: { type: 'button', name: 'fly', props: { label: 'Fly', action: { type: 'fly' } }, slots: {} },
    panel: { type: 'panel', name: 'panel', props: { heading: { $expr: `date("2026-11-23")` } }, slots: { children: ['inside'] } },
    inside: label('Inside of the panel'),
    ratio: { type: 'label', name: 'ratio', props: { text: { $expr: '1 / (2 - 2)' } }, slots: {} },
    unknown: { type: 'hologram', name: 'unknown', props: {}, slots: {} },
    called: { type: 'text-field', name: 'called', props: { field: 'called', label: 'Called' }, slots: {} },
    save: { type: 'button', name: 'save', props: { label: 'Save', action: { type: 'run-dataflow', dataflow: 'save' } }, slots: {} },
  },
};

const form = {
  root: 'page',
  nodes: {
    page: { type: 'page', name: 'page', props: { title: 'A note' }, slots: { children: ['called', 'save', 'all'] } },
    called: odd.nodes.called,
    save: odd.nodes.save,
    all: { type: 'data-grid', name: 'all', props: { component: 'notes', columns: [{ field: 'called', header: 'Called' }] }, slots: {} },
  },
};

const notes = {
  id: 'notes',
  displayName: 'Notes',
  model: { fields: [{ name: 'called', title: 'Called', type: 'FIELD_TYPE_STRING', isName: true }, { name: 'rank', title: 'Rank', type: 'FIELD_TYPE_INTEGER' }] },
  pages: [{ id: 'odd', title: 'Odd', document: odd }, { id: 'form', title: 'Form', document: form }],
  dataflows: [
    {
      id: 'save', title: 'Save',
      steps: [
        { id: 'read', type: 'get-action-model' },
        { id: 'store', type: 'update-entry', sources: ['read'], params: { component: 'notes', mode: 'create', fields: { called: 'item.called' } } },
        { id: 'answer', type: 'write-response', sources: ['store'] },
      ],
    },
  ],
  workflows: [
    { id: 'wait', title: 'Wait', document: { document: { dsl: '1.0.3', namespace: 'notes', name: 'wait', version: '1.0.0' }, evaluate: { language: 'cel' }, do: [{ rest: { set: { done: true } } }] } },
  ],
  scripts: [{ id: 'count', title: 'Count', source: 'def main(item):\n    return 1\n' }],
};

/** What is edited here, as the server has it. */
const draft = (id = 'draft') => call<Component>(v.page, 'GET', `/v1/components/${id}`);
const fieldsOf = async () => (await draft()).model?.fields?.map((field) => field.name);

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
  v = await visit(browser, platform.url);
  v.page.setDefaultTimeout(15_000);
  await setUp(v.page, platform);
  await call(v.page, 'POST', '/v1/components', notes);
  await publish(v.page, ['notes']);
  const { pages, ...rest } = notes;
  await call(v.page, 'POST', '/v1/components', { ...rest, id: 'draft', displayName: 'Draft', pages: [{ id: 'hello', title: 'Hello', document: { root: 'page', nodes: { page: { type: 'page', name: 'page', props: { title: 'Hello' }, slots: { children: ['text'] } }, text: label('nobody') } } }], dataflows: [{ id: 'save', title: 'Save', steps: pages === undefined ? [] : notes.dataflows[0]?.steps.slice(0, 1) }] });
});

afterEach(async () => {
  await v.page.context().setOffline(false);
  await v.page.unrouteAll();
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const node = (page: Page, id: string) => page.locator(`[data-node=${id}]`);

it('a control that fails says so in its own place, and the page is used', async () => {
  const { page, problems } = v;
  await page.goto('/work/notes/odd');
  for (const id of ['grid', 'fly']) await node(page, id).getByText('This control failed.').waitFor();
  await node(page, 'ratio').getByText('An expression has no value.').waitFor();
  await node(page, 'unknown').getByText('There is no control of the type “hologram”.').waitFor();
  // A number and a day are text where text stands.
  await page.getByRole('heading', { name: '2', exact: true }).waitFor();
  await page.getByRole('heading', { name: '23 Nov 2026' }).waitFor();
  await page.getByText('Inside of the panel').waitFor();
  await page.getByText('Here it begins').waitFor();
  await shoot(page, 'faults-odd');
  await fill(page, { Called: 'Still stored' });
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'Done.' }).waitFor();
  const { entries = [] } = await call<{ entries?: Entry[] }>(page, 'GET', '/v1/components/notes/entries');
  expect(entries.map((entry) => entry.name)).toEqual(['Still stored']);
  // The browser tells of every error that was caught.
  expect(problems.splice(0).filter((one) => !/column 1|action is incomplete/.test(one))).toEqual([]);
});

it('a control that fails on the canvas is chosen and mended there', async () => {
  const { page, problems } = v;
  await page.goto('/studio/notes/pages/odd?at=nodes/fly');
  const canvas = page.getByRole('group', { name: 'Canvas' });
  const settings = page.getByRole('complementary', { name: 'Settings' });
  await node(page, 'grid').getByText('This control failed.').waitFor();
  await canvas.getByText('Inside of the panel').waitFor();
  await settings.getByRole('combobox', { name: 'Action' }).selectOption({ label: 'Close' });
  await node(page, 'grid').click({ force: true }); // what is drawn there is inert, and the paper below it is clicked
  await button(settings, 'All fields').click();
  await canvas.getByRole('columnheader', { name: 'Called', includeHidden: true }).waitFor();
  expect(await node(page, 'grid').getByText('This control failed.').count()).toBe(0);
  await shoot(page, 'faults-canvas');
  await button(page, /^Undo/).click();
  await node(page, 'grid').getByText('This control failed.').waitFor();
  await node(page, 'unknown').click({ force: true });
  await page.keyboard.press('Delete');
  await node(page, 'unknown').waitFor({ state: 'detached' });
  await saved(page);
  expect(problems.splice(0).filter((one) => !/column 1/.test(one))).toEqual([]);
});

const away = (page: Page) => button(page.getByRole('banner'), 'Not saved, trying again');

/** It is tried again by itself, with pauses of up to half a minute. */
async function savedAgain(page: Page): Promise<void> {
  await page.getByRole('banner').getByText('Saved', { exact: true }).waitFor({ timeout: 60_000 });
}

it('edits without a network are kept over a reload and saved in order', async () => {
  const { page, problems } = v;
  const context = page.context();
  await page.goto('/studio/draft/model');
  await button(page, 'Add field').waitFor();
  await context.setOffline(true);
  await addField(page, 'One', 'one');
  await away(page).waitFor();
  await addField(page, 'Two', 'two');
  await context.setOffline(false);
  await saved(page);
  expect(await fieldsOf()).toEqual(['called', 'rank', 'one', 'two']);

  await context.setOffline(true);
  await addField(page, 'Three', 'three');
  await addField(page, 'Four', 'four');
  await away(page).click();
  await page.getByText('Your changes are kept in this browser').waitFor();
  await shoot(page, 'faults-offline');
  expect(await fieldsOf()).toEqual(['called', 'rank', 'one', 'two']);
  await expect(page.reload()).rejects.toThrow('ERR_INTERNET_DISCONNECTED');
  await context.setOffline(false);
  await page.goto('/studio/draft/model');
  await button(page, /^Four/).waitFor();
  await saved(page);
  expect(await fieldsOf()).toEqual(['called', 'rank', 'one', 'two', 'three', 'four']);
  expect(problems.splice(0)).toEqual([]);
});

it('edits while the server is gone are saved when it is back', async () => {
  const { page, problems } = v;
  await button(page, /^Four/).waitFor();
  await addField(page, 'Five', 'five');
  await platform.kill(); // perhaps in the middle of it
  await addField(page, 'Six', 'six');
  await away(page).waitFor();
  await addField(page, 'Seven', 'seven');
  await platform.start();
  await savedAgain(page);
  expect(await fieldsOf()).toEqual(['called', 'rank', 'one', 'two', 'three', 'four', 'five', 'six', 'seven']);
  await page.reload();
  await button(page, /^Seven/).waitFor();
  await saved(page);
  expect(problems.splice(0)).toEqual([]);
});

/** A second window of the same person. */
async function another(context: BrowserContext): Promise<Visit> {
  return visit(browser, platform.url, { storageState: await context.storageState() });
}

it('of two who change the same page the later one chooses', async () => {
  const mine = v.page;
  const theirs = await another(mine.context());
  const text = (page: Page) => page.getByRole('complementary', { name: 'Settings' }).getByRole('textbox', { name: 'Text' });
  const shown = (page: Page, what: string) => page.getByRole('group', { name: 'Canvas' }).getByText(what, { exact: true }).waitFor();
  for (const page of [mine, theirs.page]) {
    await page.goto('/studio/draft/pages/hello?at=nodes/text');
    await shown(page, 'nobody');
  }
  const choice = mine.getByRole('dialog', { name: 'Somebody else changed the same' });
  const region = choice.getByRole('region', { name: 'Page hello' });

  await text(theirs.page).fill('by them');
  await saved(theirs.page);
  await text(mine).fill('by me');
  await choice.waitFor();
  for (const one of ['by me', 'by them']) await region.getByText(one).waitFor();
  await shoot(mine, 'faults-conflict');
  // It waits for an answer, over a reload as well.
  await mine.reload();
  await choice.waitFor();
  for (const one of ['by me', 'by them']) await region.getByText(one).waitFor();
  expect(JSON.stringify((await draft()).pages)).toContain('by them');
  await button(region, 'Take theirs').click();
  await button(choice, 'Go on').click();
  await shown(mine, 'by them');
  await saved(mine);

  await text(theirs.page).fill('by them again');
  await saved(theirs.page);
  await text(mine).fill('by me again');
  await button(region, 'Keep mine').click();
  await button(choice, 'Go on').click();
  await saved(mine);
  await shown(mine, 'by me again');
  expect(JSON.stringify((await draft()).pages)).toContain('by me again');

  // Other things are joined without a question.
  await turnTo(theirs.page, 'Model');
  await addField(theirs.page, 'Eight', 'eight');
  await theirs.page.getByRole('alert').filter({ hasText: 'taken over: Page hello' }).waitFor();
  await saved(theirs.page);
  const now = await draft();
  expect(JSON.stringify(now.pages)).toContain('by me again');
  expect(now.model?.fields?.at(-1)?.name).toBe('eight');
  for (const { page, problems } of [v, theirs]) expect(problems.splice(0), page.url()).toEqual([]);
  await theirs.page.context().close();
});

it.each([
  ['model', 'Object model', 'model'],
  ['dataflows/save', 'Dataflow save', 'dataflows'],
  ['workflows/wait', 'Workflow wait', 'workflows'],
  ['scripts/count', 'Script count', 'scripts'],
] as const)('of two who change the same in %s the later one chooses', async (path, unit, section) => {
  const { page, problems } = v;
  await page.goto(`/studio/draft/${path}`);
  if (section === 'model') await button(page, /^Called/).click();
  const title = section === 'model' ? page.getByRole('complementary', { name: 'Settings of Called' }).getByLabel('Title', { exact: true }) : page.getByLabel('Title', { exact: true });
  await title.waitFor();
  const before = await draft();
  const [first, ...rest] = section === 'model' ? (before.model?.fields ?? []) : (before[section] ?? []);
  const changed = [{ ...first, title: 'By them' }, ...rest];
  await call(page, 'PATCH', `/v1/components/draft?updateMask=${section}`, { etag: before.etag, [section]: section === 'model' ? { ...before.model, fields: changed } : changed });
  await title.fill('By me');
  const choice = page.getByRole('dialog', { name: 'Somebody else changed the same' });
  const region = choice.getByRole('region', { name: unit });
  for (const one of ['By me', 'By them']) await region.getByText(one).waitFor();
  await button(region, 'Keep mine').click();
  await button(choice, 'Go on').click();
  await saved(page);
  const now = JSON.stringify((await draft())[section]);
  expect(now).toContain('By me');
  expect(now).not.toContain('By them');
  expect(problems.splice(0)).toEqual([]);
});

/** The session ends elsewhere. */
async function endSession(page: Page): Promise<void> {
  expect((await page.context().request.delete('/v1/sessions/current')).status()).toBe(200);
}

async function signInAgain(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Sign in' });
  await dialog.getByText('Your session has ended.').waitFor({ timeout: 60_000 });
  await shoot(page, 'faults-session');
  expect(await dialog.getByLabel('E-mail address').inputValue()).toBe('ada@example.com');
  await fill(page, { Password: 'not the password' });
  await button(dialog, 'Sign in').click();
  await dialog.getByText('The e-mail address or the password is wrong.').waitFor();
  await fill(page, { Password: password });
  await button(dialog, 'Sign in').click();
  await dialog.waitFor({ state: 'detached' });
}

it('a session that ends while somebody works takes nothing with it', async () => {
  const { page, problems } = v;
  await page.route('**/v1/changes:watch', (route) => route.abort()); // nobody tells this window
  await page.goto('/work/notes/form');
  await fill(page, { Called: 'Typed before' });
  await page.waitForLoadState('networkidle'); // a list that is still on its way would tell before the button does
  await endSession(page);
  await button(page, 'Save').click();
  await signInAgain(page);
  expect(page.url()).toBe(`${platform.url}/work/notes/form`);
  expect(await page.getByLabel('Called', { exact: true }).inputValue()).toBe('Typed before');
  await button(page, 'Save').click();
  await page.getByRole('gridcell', { name: 'Typed before' }).waitFor();

  await page.goto('/studio/draft/model');
  await button(page, 'Add field').waitFor();
  await endSession(page);
  await addField(page, 'Nine', 'nine');
  await signInAgain(page);
  await saved(page);
  expect((await fieldsOf())?.at(-1)).toBe('nine');
  expect(problems.splice(0)).toEqual([]);
});

const page502 = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';
const json = { 'Content-Type': 'application/json' };
const answers = {
  '500': { status: 500, headers: json, body: JSON.stringify({ error: { code: 500, status: 'INTERNAL', reason: 'INTERNAL', message: '' } }) },
  '502 in HTML': { status: 502, headers: { 'Content-Type': 'text/html' }, body: page502 },
  '200 in HTML': { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html><body>Please sign in to the hotel</body></html>' },
  '200 and nothing': { status: 200, headers: json, body: '' },
  '200 and null': { status: 200, headers: json, body: 'null' },
  '200 cut off': { status: 200, headers: json, body: '{"components": [{"id": "no' },
} as const;

/** What stands on a screen when its answers have come. */
const screens = [
  ['/', 'Notes'],
  ['/work', 'Notes'],
  ['/work/notes/form', 'Typed before'],
  ['/work/tasks', 'Nothing waits for you'],
  ['/work/runs', 'No runs yet'],
  ['/studio', 'Notes'],
  ['/studio/notes', 'Home page'],
  ['/studio/notes/data', 'Typed before'],
  ['/files', 'No files yet'],
  ['/publications', 'notes'],
  ['/access', 'ada@example.com'],
] as const;

it.each(Object.keys(answers) as (keyof typeof answers)[])('an answer that is none is told, and asked for again: %s', async (kind) => {
  const { page, problems } = v;
  const at = Object.keys(answers).indexOf(kind);
  for (const [path, text] of screens.filter((_, i) => i % Object.keys(answers).length === at)) {
    await page.route(/\/v1\/(?!sessions|changes)/, (route) => route.fulfill(answers[kind]));
    await page.goto(path);
    const again = button(page.getByRole('main'), 'Try again').first();
    await again.waitFor();
    await page.getByRole('main').getByRole('alert').first().waitFor();
    expect(await page.getByText('This page failed').count()).toBe(0);
    await shoot(page, `faults-${kind.replaceAll(' ', '-')}${path.replaceAll('/', '-')}`);
    await page.unrouteAll();
    const come = page.getByRole('main').getByText(text).first();
    await expect
      .poll(async () => {
        if (await again.isVisible()) await again.click(); // a screen may ask for several things
        return come.isVisible();
      }, { timeout: 10_000 })
      .toBe(true);
  }
  expect(problems.splice(0)).toEqual([]);
});

it('nor is the session lost by such an answer', async () => {
  const { page, problems } = v;
  for (const kind of ['502 in HTML', '200 and null'] as const) {
    await page.route(/\/v1\//, (route) => route.fulfill(answers[kind]));
    await page.goto('/studio');
    await page.getByRole('alert').filter({ hasText: 'Something went wrong on the server.' }).waitFor();
    await page.unrouteAll();
    await button(page, 'Try again').click();
    await page.getByRole('link', { name: /^Notes/ }).waitFor();
  }
  expect(problems.splice(0)).toEqual([]);
});

it('what is typed is sent again after a bad answer, and happens once', async () => {
  const { page, problems } = v;
  await page.goto('/work/notes/form');
  await fill(page, { Called: 'Only once' });
  const run = /dataflows\/save:run/;
  await page.route(run, (route) => route.fulfill(answers['502 in HTML']));
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'Something went wrong on the server.' }).waitFor();
  await page.unrouteAll();
  // The server did its work, and the answer was lost on the way.
  await page.route(run, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' }).waitFor();
  await page.unrouteAll();
  expect(await page.getByLabel('Called', { exact: true }).inputValue()).toBe('Only once');
  await button(page, 'Save').click();
  await page.getByRole('alert').filter({ hasText: 'Done.' }).waitFor();
  const { entries = [] } = await call<{ entries?: Entry[] }>(page, 'GET', '/v1/components/notes/entries');
  expect(entries.filter((entry) => entry.name === 'Only once')).toHaveLength(1);
  expect(problems.splice(0)).toEqual([]);
});

it.each(['502 in HTML', '200 in HTML', '200 and nothing'] as const)('a draft is not replaced by a bad answer: %s', async (kind) => {
  const { page, problems } = v;
  await page.goto('/studio/draft/model');
  await button(page, 'Add field').waitFor();
  await page.route(/\/v1\/components\/draft/, (route) => route.fulfill(answers[kind]));
  const name = `bad_${Object.keys(answers).indexOf(kind)}`;
  await addField(page, name, name);
  await away(page).waitFor();
  await button(page, new RegExp(`^${name}`)).waitFor();
  await page.unrouteAll();
  await savedAgain(page);
  expect((await fieldsOf())?.at(-1)).toBe(name);
  expect(problems.splice(0)).toEqual([]);
});

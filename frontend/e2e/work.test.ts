import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fill, inspect, shoot, startBrowser, visit, type Visit } from './browser';
import { call } from './calls';
import { type Platform, startPlatform } from './platform';

// What people do with a published app beside its own pages: tasks with a page of their own, files; and what their makers see
// before and after an app is live.

let platform: Platform;
let browser: Browser;
let v: Visit;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
  v = await visit(browser, platform.url, { viewport: { width: 1440, height: 900 } });
  const { page } = v;
  await page.goto(platform.setupLink);
  await fill(page, { Organization: 'Acme', 'Your name': 'Ada', 'E-mail address': 'ada@example.com', Password: 'correct horse battery' });
  await page.getByRole('button', { name: 'Set up' }).click();
  const sample = page.getByRole('article', { name: 'Invoice inventory' });
  await sample.getByRole('button', { name: 'Install' }).click();
  await sample.getByText('Installed').waitFor({ timeout: 60_000 });
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

it('the page of a question is a setting of its task', async () => {
  const { page, problems } = v;
  await page.goto('/studio/invoice/workflows/approval');
  await page.getByText('ask', { exact: true }).first().click();
  const setting = page.getByRole('combobox', { name: 'Page' });
  await expect.poll(() => setting.textContent()).toBe('Add/View Invoice');
  await setting.click();
  await page.getByRole('option', { name: 'All Invoices' }).waitFor();
  await page.keyboard.press('Escape');
  expect(problems).toEqual([]);
});

it('a task shows the page of its question, where the entry can be changed before the answer', async () => {
  const { page, problems } = v;
  await page.goto('/work/tasks');
  await page.getByRole('link', { name: /Approve invoice INV-2026-007/ }).click();
  const question = page.getByRole('article', { name: /Approve invoice/ });
  await question.getByRole('button', { name: 'Take it' }).click();
  await question.getByText('You have taken this task.').waitFor();
  await question.getByRole('button', { name: 'Hand it over …' }).click();
  const over = page.getByRole('dialog', { name: 'Hand the task over' });
  await over.getByRole('textbox').fill('nobody@example.com');
  await over.getByRole('button', { name: 'Hand it over' }).click();
  await over.getByRole('alert').waitFor();
  await over.getByRole('button', { name: 'Cancel' }).click();
  const name = page.getByRole('textbox', { name: 'Name' });
  await expect.poll(() => page.getByRole('textbox', { name: 'Number' }).inputValue()).toBe('INV-2026-007');
  await inspect(v, 'work-task-page');

  await name.fill('Chairs, checked');
  await question.getByText('not saved').waitFor();
  await page.getByRole('link', { name: 'Runs' }).click();
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' });
  await leave.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await question.getByText('not saved').waitFor({ state: 'detached' });
  expect(await name.inputValue()).toBe('Chairs, checked');

  await question.getByRole('button', { name: 'Accept for payment' }).click();
  await question.getByText(/^Accept for payment/).waitFor();
  await name.waitFor({ state: 'detached' });
  await page.goto('/work/invoice/all_invoices');
  const row = page.getByRole('row', { name: /INV-2026-007/ });
  await row.getByText('Chairs, checked').waitFor();
  await expect.poll(() => row.textContent()).toContain('Accepted for Payment');
  expect(problems.filter((one) => !one.includes('400'))).toEqual([]);
});

it('an approval by two people is drawn with where it stands, and is edited', async () => {
  const { page, problems } = v;
  const { entries } = await call<{ entries: { id: string }[] }>(page, 'GET', `/v1/components/invoice/entries?filter=${encodeURIComponent("InvoiceNumber == 'INV-2026-004'")}`);
  await call(page, 'POST', '/v1/components/invoice/workflows/payment:start', { input: { entry: entries[0]?.id }, entry: entries[0]?.id });
  await page.goto(`/work/invoice/add_view_invoice?entry=${entries[0]?.id}`);
  const held = page.getByRole('alert').filter({ hasText: 'The workflow “payment” has been working on this entry' });
  await held.getByRole('button', { name: 'Take back' }).waitFor();
  await inspect(v, 'work-held');
  await page.goto('/studio/invoice/workflows/payment');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const card = (name: string) => page.getByLabel(new RegExp(`, ${name}, waiting`));
  await card('askAccounting').waitFor();
  await card('askManagement').waitFor();
  await inspect(v, 'studio-approval', false);

  // A branch, and what undoes a task, are added and taken back.
  await page.getByRole('button', { name: 'Close the test run' }).click();
  await page.getByText('both', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Add a branch' }).click();
  await page.getByRole('button', { name: 'Add tasks that undo it' }).click();
  await page.getByText('To undo it').nth(1).waitFor();
  await shoot(page, 'studio-approval-edited');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await page.getByText('To undo it').nth(1).waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

it('a notice of a workflow comes to the page that is open, and leads to what it is about', async () => {
  const { page, problems } = v;
  await page.goto('/work');
  const bell = page.getByRole('button', { name: /^Notices/ });
  await bell.click();
  await page.getByText('Nothing yet').waitFor();
  await page.keyboard.press('Escape');
  const { tasks } = await call<{ tasks: { id: string; title: string }[] }>(page, 'GET', '/v1/tasks');
  const asked = tasks.find((one) => one.title === 'Pay invoice INV-2026-004?');
  await call(page, 'POST', `/v1/tasks/${asked?.id}:answer`, { answer: false, comment: 'Too many chairs.\nThere were ten.' });
  await page.getByRole('alert').filter({ hasText: 'Invoice INV-2026-004 was rejected' }).getByRole('button', { name: 'Open' }).waitFor({ timeout: 15_000 });
  await page.getByRole('button', { name: 'Notices, 1 unread' }).click();
  const notices = page.getByRole('dialog', { name: 'Notices' });
  await notices.getByText('There were ten.').waitFor();
  await inspect(v, 'notices');
  await notices.getByRole('button', { name: /was rejected/ }).click();
  await page.waitForURL('**/work/invoice/add_view_invoice?entry=*');
  await expect.poll(() => page.getByRole('textbox', { name: 'Number' }).inputValue()).toBe('INV-2026-004');
  await page.getByRole('button', { name: 'Notices', exact: true }).click();
  await notices.getByText('There were ten.').waitFor();
  expect(await notices.getByRole('img', { name: 'Unread' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  expect(problems).toEqual([]);
});

it('a workflow starts by itself once that is published, and can be paused', async () => {
  const { page, problems } = v;
  await page.goto('/studio/invoice/workflows/payment');
  await page.getByRole('combobox', { name: 'Starts by itself' }).click();
  await page.getByRole('option', { name: 'By the calendar (cron)' }).click();
  const times = page.getByRole('textbox', { name: 'By the calendar (cron)' });
  await times.fill('now and then');
  await page.getByText(/five fields are needed/).waitFor();
  await times.fill('0 7 * * 1-5');
  await page.getByText(/five fields are needed/).waitFor({ state: 'detached' });
  await page.getByText('Saved', { exact: true }).waitFor();
  await shoot(page, 'studio-schedule');
  const { id } = await call<{ id: string }>(page, 'POST', '/v1/publications', { components: ['invoice'] });
  await expect.poll(async () => (await call<{ state: string }>(page, 'GET', `/v1/publications/${id}`)).state, { timeout: 30_000 }).toBe('PUBLICATION_STATE_SUCCEEDED');
  await page.goto('/work/runs');
  const row = page.getByRole('row', { name: /Approve and pay an invoice/ });
  await row.getByText('By the calendar: 0 7 * * 1-5').waitFor();
  await inspect(v, 'work-schedules');
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('Paused').waitFor();
  await row.getByRole('button', { name: 'Resume' }).click();
  await row.getByText('Paused').waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGPwCLiBFTEMLQkAztVcARDn9E8AAAAASUVORK5CYII=', 'base64');

it('files are uploaded, looked at, fetched and deleted', async () => {
  const { page, problems } = v;
  await page.goto('/files');
  await page.getByRole('link', { name: 'invoices.csv', exact: true }).waitFor(); // the sample's own
  await page.getByLabel('Files to upload').setInputFiles([
    { name: 'square.png', mimeType: 'image/png', buffer: pixel },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('some words') },
    { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') },
  ]);
  const refused = page.getByRole('alert').filter({ hasText: 'fake.png' });
  await refused.waitFor();
  const image = page.getByRole('row', { name: /square\.png/ });
  await image.getByText('image/png').waitFor();
  expect(await image.textContent()).toContain('Ada');
  await page.getByRole('row', { name: /notes\.txt/ }).getByRole('cell', { name: '10 bytes' }).waitFor();
  await refused.getByRole('button', { name: 'Dismiss' }).click();
  await inspect(v, 'files');

  await page.getByRole('button', { name: 'Preview square.png' }).click();
  const preview = page.getByRole('dialog', { name: 'square.png' });
  await expect.poll(() => preview.getByRole('img').evaluate((one) => (one instanceof HTMLImageElement ? one.naturalWidth : 0))).toBe(8);
  await preview.getByRole('button', { name: 'Close' }).click();

  const fetched = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download notes.txt' }).click();
  expect((await fetched).suggestedFilename()).toBe('notes.txt');

  await page.getByRole('button', { name: 'Delete notes.txt' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('row', { name: /notes\.txt/ }).waitFor({ state: 'detached' });
  expect(problems).toEqual([]);
});

it('files lie in folders', async () => {
  const { page, problems } = v;
  await page.goto('/files');
  await page.getByRole('button', { name: 'New folder' }).click();
  await fill(page, { 'Name of the folder': 'Pictures/2026' });
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('Nothing in this folder yet').waitFor();
  await page.getByLabel('Files to upload').setInputFiles([{ name: 'red.png', mimeType: 'image/png', buffer: pixel }]);
  await page.getByRole('row', { name: /red\.png/ }).waitFor();
  await inspect(v, 'files-folder');
  await page.getByRole('link', { name: 'Pictures', exact: true }).click();
  await page.getByRole('link', { name: /2026 1 file/ }).waitFor();
  await page.goBack();
  await page.getByRole('row', { name: /red\.png/ }).waitFor();
  await page.getByRole('link', { name: 'All files' }).click();
  await page.getByRole('button', { name: 'Rename or move square.png' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill('Pictures/..');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByRole('textbox', { name: 'Folder' }).fill('Pictures');
  await inspect(v, 'files-move');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: /Pictures 2 files/ }).waitFor();
  await inspect(v, 'files-folders');
  expect(problems.splice(0).filter((one) => !one.includes('400'))).toEqual([]); // the browser tells of the path that was refused
});

it('a plan tells what recent runs would do differently', async () => {
  const { page, problems } = v;
  await page.goto('/studio');
  const c = await call<{ etag: string; workflows: [object] }>(page, 'GET', '/v1/components/invoice');
  const text = JSON.stringify(c.workflows[0]).replace('InvoiceTotalValue < 1000', 'InvoiceTotalValue < 1000000');
  await call(page, 'PUT', '/v1/components/invoice/part', { etag: c.etag, workflow: JSON.parse(text) });
  await page.goto('/studio/invoice/publish');
  const runs = page.getByRole('list', { name: 'Recent runs, gone through with the change' });
  await runs.getByText('1 of 1 run differs').waitFor();
  await runs.getByText('after "decide": calls entry in "store" instead of: asks people in "ask" (1) · Show a run').waitFor();
  await inspect(v, 'publish-replays');
  expect(problems).toEqual([]);
});

it('a large file goes on after its connection broke', async () => {
  const { page } = v;
  await page.goto('/files');
  const parts: string[] = [];
  page.on('request', (one) => void (one.method() === 'PUT' && parts.push(new URL(one.url()).search)));
  await page.route('**/v1/uploads/*:part?offset=8388608', (route) => route.abort('connectionreset'), { times: 1 });
  const content = Buffer.alloc(18 << 20, 7);
  await page.getByLabel('Files to upload').setInputFiles([{ name: 'large.bin', mimeType: 'application/octet-stream', buffer: content }]);
  const row = page.getByRole('row', { name: /large\.bin/ });
  await row.getByText('application/octet-stream').waitFor();
  expect(parts).toEqual(['?offset=0', '?offset=8388608', '?offset=8388608', '?offset=16777216']);
  const fetched = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download large.bin' }).click();
  expect(await readFile(await (await fetched).path()).then((bytes) => bytes.equals(content))).toBe(true);
  v.problems.length = 0; // the browser reports the connection that the test cut
});

it('a grid of a component that is not live shows the columns of its draft', async () => {
  const { page, problems } = v;
  const status = await page.evaluate(async () => {
    const grid = { type: 'data-grid', name: 'books', props: { component: 'books', pageSize: 20, columns: [] }, slots: {} };
    const root = { type: 'page', name: 'page', props: { title: 'Books' }, slots: { children: ['grid'] } };
    const component = {
      id: 'books', displayName: 'Books',
      model: { fields: [{ name: 'title', title: 'Title', type: 'FIELD_TYPE_STRING', isName: true }, { name: 'price', title: 'Price', type: 'FIELD_TYPE_NUMBER' }] },
      pages: [{ id: 'all', title: 'All books', document: { root: 'page', nodes: { page: root, grid } } }],
    };
    const answer = await fetch('/v1/components', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(component) });
    return answer.status;
  });
  expect(status).toBe(200);
  await page.goto('/studio/books/pages/all');
  await page.getByText('Publish the component to see data').waitFor();
  expect(await page.getByRole('columnheader').allTextContents()).toEqual(['Title', 'Price']);
  await page.getByText('0–0 of 0').waitFor();
  await shoot(page, 'studio-grid-unpublished');
  expect(problems).toEqual([]);
});

it('an app is taken offline, and nothing else is published with it', async () => {
  const { page, problems } = v;
  await page.goto('/studio/invoice');
  await page.getByRole('link', { name: 'Take offline' }).click();
  await page.getByRole('heading', { name: 'Take Invoice inventory offline' }).waitFor();
  const planned = page.getByRole('region', { name: 'Goes offline' });
  await planned.getByText('invoice').waitFor();
  expect(await planned.getByText('books').count()).toBe(0);
  await fill(page, { 'Type invoice': 'invoice' });
  await shoot(page, 'studio-offline');
  await page.getByRole('button', { name: 'Take offline now' }).click();
  await page.getByRole('heading', { name: 'Published' }).waitFor({ timeout: 60_000 });
  await page.goto('/work');
  await page.getByText('No apps yet').waitFor();
  await page.goto('/studio');
  await page.getByRole('link', { name: /^Books.*Draft$/ }).waitFor();
  expect(problems).toEqual([]);
});

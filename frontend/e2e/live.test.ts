import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, fill, shoot, startBrowser, visit } from './browser';
import { type Platform, startPlatform } from './platform';

// What one person does appears on the screen of another one, without a reload.

let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

async function call<T>(page: Page, method: 'POST' | 'PATCH', path: string, data: unknown): Promise<T> {
  const answer = await page.context().request.fetch(path, { method, data });
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as T;
}

it('shows entries, tasks and new versions as they come', async () => {
  const ada = await visit(browser, platform.url);
  await ada.page.goto(platform.setupLink);
  await fill(ada.page, { Organization: 'Acme', 'Your name': 'Ada', 'E-mail address': 'ada@example.com', Password: 'correct horse battery' });
  await ada.page.getByRole('button', { name: 'Set up' }).click();
  const sample = ada.page.getByRole('article', { name: 'Invoice inventory' });
  await sample.getByRole('button', { name: 'Install' }).click();
  await sample.getByText('Installed').waitFor({ timeout: 60_000 });

  const { link } = await call<{ link: string }>(ada.page, 'POST', '/v1/invitations', { email: 'grace@example.com', roles: ['accountant'] });
  const grace = await visit(browser, platform.url);
  await grace.page.goto(link);
  await fill(grace.page, { 'Your name': 'Grace', Password: 'a sentence to remember' });
  await grace.page.getByRole('button', { name: 'Join' }).click();
  await grace.page.waitForURL('**/work');
  await grace.page.goto('/work/invoice/all_invoices');
  await grace.page.getByRole('gridcell', { name: 'INV-2026-001' }).waitFor();
  const navigation = grace.page.getByRole('navigation', { name: 'Navigation' });
  const marked = grace.page.getByRole('gridcell', { name: 'INV-2026-001' });

  // A reload would forget this.
  await grace.page.evaluate(() => document.body.setAttribute('data-loaded', 'once'));
  const entry = await call<{ id: string }>(ada.page, 'POST', '/v1/components/invoice/entries', {
    fields: { InvoiceNumber: 'INV-0000', InvoiceName: 'Live', InvoiceDueDate: '2026-12-01T00:00:00Z', InvoiceTotalValue: '5000', InvoiceState: 0 },
  });
  await grace.page.getByRole('gridcell', { name: 'INV-0000' }).waitFor({ timeout: 10_000 });
  await marked.waitFor();

  const count = async () => Number((await navigation.getByLabel(/tasks? waits?$/).allTextContents())[0] ?? '0');
  const before = await count();
  await call(ada.page, 'POST', '/v1/components/invoice/workflows/approval:start', { input: { entry: entry.id }, entry: entry.id });
  const notice = grace.page.getByRole('alert').filter({ hasText: 'New task: Approve invoice INV-0000?' });
  await notice.waitFor({ timeout: 15_000 });
  expect(await count()).toBe(before + 1);
  await expectAccessible(grace.page);
  await shoot(grace.page, 'live-task');
  await notice.getByRole('button', { name: 'Open', exact: true }).click();
  await grace.page.waitForURL('**/work/tasks?task=*');
  await grace.page.getByRole('heading', { name: 'Approve invoice INV-0000?' }).first().waitFor();

  await grace.page.goto('/work/invoice/all_invoices');
  await marked.waitFor();
  const component = (await (await ada.page.context().request.get('/v1/components/invoice')).json()) as { etag: string };
  await call(ada.page, 'PATCH', '/v1/components/invoice?updateMask=description', { etag: component.etag, description: 'Changed.' });
  await call(ada.page, 'POST', '/v1/publications', { components: ['invoice'], requestId: 'live' });
  const released = grace.page.getByRole('alert').filter({ hasText: 'A new version of the apps is live.' });
  await released.waitFor({ timeout: 15_000 });
  await shoot(grace.page, 'live-released');
  await released.getByRole('button', { name: 'Load it' }).click();
  await marked.waitFor();
  for (const { problems } of [ada, grace]) expect(problems).toEqual([]);
});

it('ends with the session', async () => {
  const one = await visit(browser, platform.url);
  await one.page.goto('/sign-in');
  await fill(one.page, { 'E-mail address': 'ada@example.com', Password: 'correct horse battery' });
  await one.page.getByRole('button', { name: 'Sign in' }).click();
  await one.page.getByRole('navigation', { name: 'Navigation' }).waitFor();
  // Ended elsewhere, while this page is open and nobody touches it.
  const answer = await one.page.context().request.delete('/v1/sessions/current');
  expect(answer.status()).toBe(200);
  await one.page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 60_000 });
  expect(one.problems).toEqual([]);
});

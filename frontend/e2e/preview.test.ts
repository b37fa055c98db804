import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, shoot, startBrowser, visit } from './browser';
import { call } from './calls';
import { button, setUp } from './gestures';
import { type Platform, startPlatform } from './platform';

let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

it('tries a draft on copies, and leaves what is live as it is', async () => {
  const { page, problems } = await visit(browser, platform.url);
  await setUp(page, platform);
  await page.goto('/');
  const sample = page.getByRole('article', { name: 'Invoice inventory' });
  await button(sample, 'Install').click();
  await sample.getByText('Installed').waitFor({ timeout: 60_000 });
  const { pages, etag } = await call<{ etag: string; pages: { id: string; title: string }[] }>(page, 'GET', '/v1/components/invoice');
  const changed = pages.map((one) => (one.id === 'all_invoices' ? { ...one, title: 'Bills to try' } : one));
  await call(page, 'PATCH', '/v1/components/invoice?updateMask=pages', { etag, pages: changed });

  await page.goto('/studio/invoice');
  await page.getByRole('banner').getByRole('link', { name: 'Try' }).click();
  await button(page, 'Make the preview').click();
  const open = page.getByRole('link', { name: 'Open the preview' });
  await open.waitFor({ timeout: 30_000 });
  await expectAccessible(page);
  await shoot(page, 'preview-ready');
  const opened = page.context().waitForEvent('page');
  await open.click();
  const trial = await opened;
  await trial.getByRole('complementary', { name: 'Preview of drafts.' }).waitFor();
  await expect.poll(() => trial.title(), { timeout: 15_000 }).toContain('Bills to try');
  await trial.getByRole('gridcell', { name: 'INV-2026-001' }).waitFor();
  expect(new URL(trial.url()).search).toBe('');
  await expectAccessible(trial);
  await shoot(trial, 'preview');

  // What is deleted there is there no more, and here it still is.
  await trial.evaluate(async () => {
    const preview = sessionStorage.getItem('aqtra-preview') ?? '';
    const ask = (method: string, path: string) => fetch(path, { method, headers: { 'Aqtra-Preview': preview } });
    const list = (await (await ask('GET', `/v1/components/invoice/entries?filter=${encodeURIComponent("InvoiceNumber == 'INV-2026-001'")}`)).json()) as { entries: { id: string }[] };
    await ask('DELETE', `/v1/components/invoice/entries/${list.entries[0]?.id}`);
  });
  await trial.reload();
  await trial.getByRole('gridcell', { name: 'INV-2026-002' }).waitFor();
  expect(await trial.getByRole('gridcell', { name: 'INV-2026-001' }).count()).toBe(0);
  await button(trial, 'Leave').click();
  await trial.waitForURL('**/work');
  await trial.goto('/work/invoice/all_invoices');
  await trial.getByRole('gridcell', { name: 'INV-2026-001' }).waitFor();
  expect(await trial.getByRole('complementary', { name: 'Preview of drafts.' }).count()).toBe(0);

  // A draft that could not go live says why.
  const now = await call<{ etag: string; model: { fields: { name: string }[] } }>(page, 'GET', '/v1/components/invoice');
  const fields = [...now.model.fields, { name: 'owner', title: 'Owner', type: 'FIELD_TYPE_STRING', required: true }];
  await call(page, 'PATCH', '/v1/components/invoice?updateMask=model', { etag: now.etag, model: { ...now.model, fields } });
  await page.goto('/studio/invoice/try');
  await button(page, 'Make the preview').click();
  await page.getByRole('alert').filter({ hasText: 'existing entries do not fit' }).waitFor({ timeout: 30_000 });
  await page.getByText('some entries do not have it').waitFor();
  await shoot(page, 'preview-refused');
  expect(problems).toEqual([]);
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, fill, inspect, shoot, startBrowser, visit, type Visit } from './browser';
import { type Platform, startPlatform } from './platform';

// Every main screen with the data of both samples. `make screenshots` keeps the pictures.

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
  for (const title of ['Invoice inventory', 'Car dealership']) {
    const sample = page.getByRole('article', { name: title });
    await sample.getByRole('button', { name: 'Install' }).click();
    await sample.getByText('Installed').waitFor({ timeout: 60_000 });
  }
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

// The workplace is for phones, too.
it.each([
  ['apps', '/work', 'heading', 'Workplace'],
  ['grid', '/work/invoice/all_invoices', 'gridcell', 'INV-2026-001'],
  ['form', '/work/invoice/add_view_invoice', 'button', 'Save'],
  ['tasks', '/work/tasks', 'heading', 'Tasks'],
  ['runs', '/work/runs', 'heading', 'Runs'],
] as const)('workplace: %s', async (name, path, role, text) => {
  await v.page.goto(path);
  await v.page.getByRole(role, { name: text }).first().waitFor();
  await inspect(v, `work-${name}`);
  expect(v.problems).toEqual([]);
});

it.each([
  ['components', '/studio', 'heading', 'Components'],
  ['overview', '/studio/invoice', 'link', 'Studio'],
  ['model', '/studio/invoice/model', 'heading', 'Object model'],
  ['page', '/studio/invoice/pages/all_invoices', 'gridcell', 'INV-2026-001'],
  ['form', '/studio/invoice/pages/add_view_invoice', 'button', 'Back to all invoices'],
  ['dataflow', '/studio/invoice/dataflows/save', 'heading', 'Save an invoice'],
  ['workflow', '/studio/invoice/workflows/approval', 'heading', 'Approve an invoice'],
  ['data', '/studio/invoice/data', 'gridcell', 'INV-2026-001'],
  ['problems', '/studio/invoice/problems', 'heading', 'Problems'],
  ['publications', '/publications', 'heading', 'Publications'],
  ['access', '/access', 'heading', 'Access'],
] as const)('studio: %s', async (name, path, role, text) => {
  const { page, problems } = v;
  await page.goto(path);
  await page.getByRole(role, { name: text }).first().waitFor();
  for (const mode of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: mode, reducedMotion: 'reduce' });
    await expectAccessible(page);
    await shoot(page, `studio-${name}-${mode}`);
  }
  expect(problems).toEqual([]);
});

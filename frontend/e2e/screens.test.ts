import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, fill, inspect, shoot, startBrowser, visit, type Visit } from './browser';
import { call } from './calls';
import { stops } from './keys';
import { type Platform, startPlatform } from './platform';
import { outside, type Say, type Screen, studio, work } from './screens/screens';
import { makeTour } from './screens/tour';

// Every main screen with the data of both samples: nothing for axe to find, nothing said in the console, Tab goes through it to its end.
// `make screenshots` keeps pictures, in German too, and puts two of them where README shows them.

const shots = process.env.AQTRA_SHOTS;

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
  await makeTour(page);
  await call(page, 'POST', '/v1/invitations', { email: 'grace@example.com', roles: ['accountant'] });
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const english: Say = (text) => text;
const german: Say = (_, text) => text;

const wanted = ({ extra }: Screen) => shots !== undefined || extra === undefined;

async function open({ page }: Visit, screen: Screen, say: Say): Promise<void> {
  page.setDefaultTimeout(15_000);
  await page.goto(screen.path);
  await page.locator(screen.sees).first().waitFor();
  await screen.then?.(page, say);
  await page.locator('.MuiSkeleton-root').first().waitFor({ state: 'detached' });
}

async function look(on: Visit, group: string, screen: Screen): Promise<void> {
  await open(on, screen, english);
  await inspect(on, `${group}-${screen.name}`, screen.phone === true);
  if (screen.then === undefined) expect((await stops(on.page)).length).toBeGreaterThan(0);
  expect(on.problems).toEqual([]);
}

it.each(studio.filter(wanted))('studio: $name', (screen) => look(v, 'studio', screen));
it.each(work.filter(wanted))('workplace: $name', (screen) => look(v, 'work', screen));
it.each(outside)('outside: $name', async (screen) => {
  const guest = await visit(browser, platform.url, { viewport: { width: 1440, height: 900 } });
  await look(guest, 'outside', screen);
  await guest.page.context().close();
});

it('an app that cannot reach its server says so', async () => {
  const { page, problems } = v;
  await page.goto('/work');
  await page.getByText('All Invoices').first().waitFor();
  await page.route('**/v1/**', (route) => route.abort());
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('alert').first().waitFor();
  await inspect(v, 'work-offline', true);
  await page.unroute('**/v1/**');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.locator('tbody a').first().waitFor();
  expect(problems).toEqual([]);
});

it.runIf(shots !== undefined)('in German', { timeout: 600_000 }, async () => {
  const context = { locale: 'de-DE', timezoneId: 'Europe/Berlin', storageState: await v.page.context().storageState(), viewport: { width: 1440, height: 900 } };
  const de = await visit(browser, platform.url, context);
  await de.page.goto('/');
  await de.page.evaluate(() => localStorage.removeItem('aqtra.language'));
  for (const screen of [...studio, ...work]) {
    await open(de, screen, german);
    await expectAccessible(de.page);
    await shoot(de.page, `de-${screen.name}`);
  }
  expect(de.problems).toEqual([]);
});

it.runIf(shots !== undefined && process.env.AQTRA_TUTORIAL !== undefined)('README shows two of them', () => {
  for (const [from, to] of [['studio-page-grid-light', 'studio'], ['studio-workflow-dark', 'workflow']] as const) {
    copyFileSync(join(shots ?? '', `${from}.png`), join(import.meta.dirname, '../pictures', `${to}.png`));
  }
});

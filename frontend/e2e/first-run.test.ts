import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, fill, inspect, shoot, startBrowser, visit } from './browser';
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

const password = 'correct horse battery';

it('sets up, installs the invoice sample, shows it, signs out and in again', async () => {
  const v = await visit(browser, platform.url);
  const { page, problems } = v;
  await page.goto(platform.setupLink);
  await page.getByRole('heading', { name: 'Set up Aqtra' }).waitFor();
  await inspect(v, 'setup');

  // What the server finds wrong stands on the field.
  await fill(page, { Organization: 'Acme', 'Your name': 'Ada', 'E-mail address': 'ada@example.com', Password: 'short' });
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.locator('input[name=newPassword][aria-invalid=true]').waitFor();
  await fill(page, { Password: password });
  await page.getByRole('button', { name: 'Set up' }).click();

  await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();
  await inspect(v, 'welcome');
  const sample = page.getByRole('article', { name: 'Invoice inventory' });
  await sample.getByRole('button', { name: 'Install' }).click();
  await sample.getByRole('progressbar').waitFor();
  await shoot(page, 'installing');
  await sample.getByText('Installed').waitFor({ timeout: 60_000 });
  const row = page.getByRole('row', { name: /Invoice inventory/ });
  await row.getByText('Live').waitFor();
  await inspect(v, 'home');

  await page.getByRole('navigation').getByRole('link', { name: 'Workplace' }).click();
  await page.getByRole('link', { name: 'All Invoices' }).first().waitFor();

  // Every place is found by Ctrl K.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('studio');
  await expectAccessible(page);
  await shoot(page, 'palette');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/studio');

  await page.getByRole('button', { name: 'Account of Ada' }).click();
  await expectAccessible(page);
  await shoot(page, 'account');
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await inspect(v, 'sign-in');

  // Without a session every address leads here, and back to where one wanted to go.
  await page.goto('/studio');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await fill(page, { 'E-mail address': 'ada@example.com', Password: 'wrong horse battery' });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The e-mail address or the password is wrong.').waitFor();
  await fill(page, { Password: password });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/studio');
  expect(problems).toEqual([]);
});

it('lets others sign up, in German and in the dark', async () => {
  const v = await visit(browser, platform.url, { locale: 'de-DE', colorScheme: 'dark' });
  const { page, problems } = v;
  await page.goto('/sign-up');
  await page.getByRole('heading', { name: 'Organisation anlegen' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
  await fill(page, { Organisation: 'Beispiel', 'Ihr Name': 'Bernd', 'E-Mail-Adresse': 'bernd@example.com', Passwort: password });
  await page.getByRole('button', { name: 'Anlegen' }).click();
  await page.getByRole('heading', { name: 'Willkommen, Bernd' }).waitFor();
  await shoot(page, 'german-dark');
  await page.getByRole('button', { name: 'Hell oder dunkel' }).click();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
  await page.getByRole('button', { name: 'Konto von Bernd' }).click();
  await page.getByRole('menuitemradio', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Welcome, Bernd' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Welcome, Bernd' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
  expect(problems).toEqual([]);

  await page.goto('/access/organization');
  await page.getByRole('button', { name: 'Delete the organization' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Beispiel' });
  await fill(page, { 'Name of the organization': 'Beispiel' });
  await shoot(page, 'delete-organization');
  await dialog.getByRole('button', { name: 'Delete the organization' }).click();
  await page.waitForURL('**/sign-in');
  await fill(page, { 'E-mail address': 'bernd@example.com', Password: password });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor(); // he belonged to no other one
});

it('keeps to its policy: no inline code or style without the nonce, no foreign place to go', async () => {
  const { page, problems } = await visit(browser, platform.url);
  const answer = await page.goto('/sign-in?next=https://example.com/');
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).not.toContain('unsafe');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.evaluate(() => getComputedStyle(document.querySelector('h1') ?? document.body).fontWeight)).toBe('700');
  expect(problems).toEqual([]);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.head.append(script);
  });
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').waitFor();
  expect(new URL(page.url()).origin).toBe(platform.url);
});

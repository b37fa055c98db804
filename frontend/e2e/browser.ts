import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Starts Debian's Chromium. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Visit is a page with everything that went wrong on it. */
export interface Visit {
  page: Page;
  /** What the console, the policy of the page and failed requests said. */
  problems: string[];
}

/** Opens a window of its own, with no cookies. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: url, ignoreHTTPSErrors: true, locale: 'en-GB', viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // A refused request is an answer that the page shows; the browser says so too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) problems.push(`${page.url()}: ${message.text()}`);
  });
  return { page, problems };
}

/** Waits until nothing on the screen is on its way: a colour half-way between two is no colour of ours. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // a change of mode is noticed a little later
    const running = () => document.getAnimations().filter((a) => a instanceof CSSTransition && a.playState === 'running');
    do {
      await Promise.allSettled(running().map((a) => a.finished));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    } while (running().length > 0);
  });
}

/** Finds what axe finds on the screen as it is now; there must be nothing. Another mode changes contrasts alone. */
export async function expectAccessible(page: Page, rules: 'all' | 'contrast' = 'all'): Promise<void> {
  // A notice goes by itself, perhaps while axe looks: half-way gone it has no contrast. While the window is not looked at, it stays.
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await settle(page);
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules === 'all' ? axe : axe.withRules('color-contrast')).analyze();
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  const found = violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => `${n.html} — ${n.any[0]?.message ?? ''}`).join('\n  ')}`);
  expect(found.join('\n'), page.url()).toBe('');
}

/** Keeps a picture of the screen when AQTRA_SHOTS names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.AQTRA_SHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await settle(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Makes a picture of the tutorial anew when AQTRA_TUTORIAL is set, of 60 kB at most: as good as that allows. */
export async function illustrate(page: Page, name: string): Promise<void> {
  if (process.env.AQTRA_TUTORIAL === undefined) return;
  await settle(page);
  const take = (quality: number) => page.screenshot({ type: 'jpeg', quality });
  let picture = await take(60);
  for (let quality = 50; picture.length > 60_000 && quality >= 20; quality -= 10) picture = await take(quality);
  writeFileSync(join(import.meta.dirname, '../pictures/tutorial', `${name}.jpg`), picture);
}

/** Fills fields by their labels. */
export async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

/** Looks at the screen in both modes and on a phone: nothing for axe to find and, where it is for phones, nothing wider than the screen. */
export async function inspect({ page }: Visit, name: string, phone = true): Promise<void> {
  const before = page.viewportSize() ?? { width: 1280, height: 800 };
  const turn = (colorScheme: 'light' | 'dark') => page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  for (const mode of ['light', 'dark'] as const) {
    await turn(mode);
    await expectAccessible(page, mode === 'light' ? 'all' : 'contrast');
    await shoot(page, `${name}-${mode}`);
  }
  if (phone || process.env.AQTRA_SHOTS !== undefined) {
    await page.setViewportSize({ width: 390, height: 844 });
    try {
      await shoot(page, `${name}-phone-dark`);
      await turn('light');
      if (phone) await expectAccessible(page);
      await shoot(page, `${name}-phone`);
      if (phone) expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    } finally {
      await page.setViewportSize(before);
    }
  }
  await turn('light');
}

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { settle } from './browser';

// What a person does who has no mouse.

const isFocused = (target: Locator) => target.evaluate((one) => one === document.activeElement);

/** Goes on with a key until the target has the focus; what it stops at on its way does not hold it. */
export async function reach(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.waitFor();
  const most = 200;
  for (let stops = 0; !(await isFocused(target)); stops++) {
    expect(stops, `${String(target)} is not reached by ${key} on ${page.url()}`).toBeLessThan(most);
    await page.keyboard.press(key);
  }
}

/** Goes to a button, a link or a tab and takes it; that it is the one must be seen. */
export async function take(page: Page, target: Locator, by: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  await reach(page, target);
  await expectSeen(page, target);
  await page.keyboard.press(by);
}

/** Looks at what has the focus with it and without it; both must not be the same. */
async function expectSeen(page: Page, target: Locator): Promise<void> {
  const box = await target.boundingBox();
  const size = page.viewportSize();
  if (box === null || size === null) throw new Error(`${String(target)} cannot be seen`);
  const [x, y] = [Math.max(0, box.x - 12), Math.max(0, box.y - 12)];
  const clip = { x, y, width: Math.min(size.width, box.x + box.width + 12) - x, height: Math.min(size.height, box.y + box.height + 12) - y };
  const picture = async () => {
    await settle(page);
    return page.screenshot({ clip, animations: 'disabled' });
  };
  const focused = await picture();
  await page.keyboard.press('Shift+Tab');
  const other = await picture();
  await page.keyboard.press('Tab');
  expect(await isFocused(target), `${String(target)} is come back to`).toBe(true);
  expect(focused.equals(other), `${String(target)} looks the same with and without the focus`).toBe(false);
}

/** Runs a command by its words. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const box = page.getByRole('dialog').getByRole('combobox');
  await box.waitFor();
  await page.keyboard.type(words);
  await page.getByRole('option', { name: words }).first().waitFor();
  await page.keyboard.press('Enter');
  await box.waitFor({ state: 'detached' });
}

/** Every stop of Tab from the top of the page to its end, by name. Nothing holds the focus, nothing is stopped at unseen. */
export async function stops(page: Page): Promise<string[]> {
  await page.evaluate(() => (document.activeElement instanceof HTMLElement ? document.activeElement.blur() : undefined));
  await page.evaluate(() => getSelection()?.removeAllRanges());
  const found: string[] = [];
  for (const most = 400; found.length < most; ) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === null || one === document.body) return undefined;
      // A box that is drawn by the control around it is as large as that.
      const { width, height, right, bottom } = (one.parentElement !== null && one.matches('input') ? one.parentElement : one).getBoundingClientRect();
      const name = one.getAttribute('aria-label') ?? one.textContent;
      const times = Number(one.getAttribute('data-stops') ?? 0) + 1; // of the parts of a date, each is a stop
      one.setAttribute('data-stops', String(times));
      return { times, key: `${one.tagName.toLowerCase()} ${name.trim().slice(0, 40) || one.id || one.className}`, seen: width > 0 && height > 0 && right > 0 && bottom > 0 };
    });
    if (at === undefined) return found;
    expect(at.seen, `${at.key} has the focus and is not seen`).toBe(true);
    found.push(at.key);
    expect(at.times, `the focus stays at ${at.key}`).toBeLessThan(12);
  }
  throw new Error(`Tab does not come to an end: ${found.slice(-6).join(', ')}`);
}

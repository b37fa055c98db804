import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, startBrowser, visit } from './browser';
import { button, password, saved, tile } from './gestures';
import { command, reach, take } from './keys';
import { type Platform, startPlatform } from './platform';

// An app is made and used without a mouse.

let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

async function setUp(page: Page): Promise<void> {
  await page.goto(platform.setupLink);
  for (const [label, text] of [['Organization', 'Acme'], ['Your name', 'Ada'], ['E-mail address', 'ada@example.com'], ['Password', password]] as const) {
    await reach(page, page.getByLabel(label, { exact: true }));
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();
}

async function makeModel(page: Page): Promise<void> {
  await take(page, button(page, 'Add field').first());
  const dialog = page.getByRole('dialog', { name: 'Add field' });
  await dialog.waitFor();
  await page.keyboard.type('Title');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const settings = page.getByRole('complementary', { name: 'Settings of Title' });
  await take(page, settings.getByRole('checkbox', { name: 'Required' }), 'Space');
  expect(await settings.getByRole('checkbox', { name: 'Required' }).isChecked()).toBe(true);

  // A second one of another type, which is chosen by its first letters.
  await reach(page, button(page, 'Add field').first(), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.type('Amount');
  await reach(page, dialog.getByRole('combobox', { name: 'Type' }));
  await page.keyboard.press('Enter');
  await page.getByRole('listbox').waitFor();
  await page.keyboard.type('Num');
  await page.keyboard.press('Enter');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  await take(page, button(dialog, 'Add'));
  await page.getByRole('complementary', { name: 'Settings of Amount' }).waitFor();

  // Escape gives up, and the focus is where it was.
  const add = button(page, 'Add field').first();
  await reach(page, add, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await add.evaluate((one) => one === document.activeElement)).toBe(true);
}

async function makePage(page: Page): Promise<void> {
  await command(page, 'Pages');
  await take(page, button(page, 'New page').first());
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('Notes');
  await page.keyboard.press('Enter');
  const canvas = page.getByRole('group', { name: 'Canvas' });
  await canvas.getByText('Notes', { exact: true }).waitFor();
  for (const name of ['Title', 'Amount']) {
    await take(page, tile(page, 'Fields', name));
    await canvas.getByLabel(name).waitFor();
  }

  // On the canvas the arrows choose, and Alt moves.
  const order = () => canvas.locator('label').allTextContents();
  await reach(page, canvas.locator('[data-canvas]').or(canvas).first());
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(order).toEqual([expect.stringContaining('Amount'), expect.stringContaining('Title')]);
  await page.keyboard.press('ArrowDown');
  const settings = page.getByRole('complementary', { name: 'Settings' });
  const label = settings.getByLabel('Label', { exact: true });
  await reach(page, label);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('What it is about');
  await canvas.getByLabel('What it is about').waitFor();
}

async function makeDataflow(page: Page): Promise<void> {
  await command(page, 'Dataflows');
  await take(page, button(page, 'New dataflow').first());
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('Save');
  await page.keyboard.press('Enter');
  await take(page, button(page, 'Add a step after read'));
  const search = page.getByRole('dialog', { name: 'What can be added' }).getByLabel('Search');
  await search.waitFor();
  await page.keyboard.type('filter');
  await page.keyboard.press('Enter');
  const step = page.getByRole('application', { name: 'Save' }).getByRole('button', { name: /^Filter/ });
  await step.waitFor();
  const settings = page.getByRole('region', { name: 'Settings' });
  await reach(page, settings.getByRole('textbox', { name: 'Condition' }).and(page.locator('.cm-content')));
  await page.keyboard.type('item.title != ""');
  await page.keyboard.press('Escape'); // what the editor offers
  await page.keyboard.press('Tab'); // the editor does not hold the focus
  await expect.poll(() => settings.innerText()).toContain('item.title != ""');
}

it('an app is made and published by keys alone', async () => {
  const { page, problems } = await visit(browser, platform.url, { viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(15_000);
  await setUp(page);
  await command(page, 'Studio');
  await page.waitForURL('**/studio');
  await page.keyboard.press('Tab');
  await page.getByRole('link', { name: 'Skip to the content' }).waitFor();
  await take(page, button(page, 'New component').first());
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('Notes');
  await page.keyboard.press('Enter');
  await page.getByText('No fields yet').waitFor();
  await makeModel(page);
  await makePage(page);
  await makeDataflow(page);
  await saved(page);
  await expectAccessible(page);
  await command(page, 'Publish');
  await page.getByRole('heading', { name: 'Publish Notes' }).waitFor();
  await take(page, button(page, 'Publish now'));
  await page.getByRole('heading', { name: 'Published' }).waitFor({ timeout: 60_000 });
  await take(page, page.getByRole('link', { name: 'Open the app' }));
  await page.getByRole('heading', { name: 'Notes' }).first().waitFor();
  await reach(page, page.getByLabel('What it is about'));
  await page.keyboard.type('by keys');
  expect(problems).toEqual([]);
});

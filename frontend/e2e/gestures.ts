import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { fill, settle } from './browser';
import type { Platform } from './platform';

// What a person does with mouse and keyboard to make an app, for the tests that make one.

export const password = 'correct horse battery';

export const button = (within: Page | Locator, name: string | RegExp) => within.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });

/** Becomes the first administrator, Ada of Acme. */
export async function setUp(page: Page, platform: Platform): Promise<void> {
  await page.goto(platform.setupLink);
  await fill(page, { Organization: 'Acme', 'Your name': 'Ada', 'E-mail address': 'ada@example.com', Password: password });
  await button(page, 'Set up').click();
  await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();
}

/** Opens an editor of the component. */
export async function turnTo(page: Page, editor: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Editors' }).getByRole('link', { name: editor }).click();
  await page.mouse.move(600, 700); // away from the tooltip
}

/** What has been done so far is stored. */
export async function saved(page: Page): Promise<void> {
  await page.getByRole('banner').getByText('Saved', { exact: true }).waitFor();
}

/** Drags with the mouse, and drops as soon as the place has noticed. */
export async function drag(page: Page, from: Locator, to: Locator, at: 'top' | 'centre', noticed: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  if (start === null || end === null) throw new Error('what is dragged cannot be seen');
  const y = at === 'top' ? end.y + 4 : end.y + end.height / 2;
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, y - 6, { steps: 8 });
  await page.mouse.move(end.x + end.width / 2, y, { steps: 3 });
  await noticed.waitFor();
  await page.mouse.up();
}

/** Draws the arrow from one step of a dataflow to another. */
export async function drawArrow(page: Page, drawing: Locator, from: string, to: string): Promise<void> {
  await settle(page);
  const [start, end] = [await drawing.locator(`[data-nodeid=${from}].source`).boundingBox(), await drawing.locator(`.react-flow__node[data-id=${to}]`).boundingBox()];
  if (start === null || end === null) throw new Error('a step has no place to connect');
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 10 });
  await page.mouse.up();
  await button(page.getByRole('region', { name: 'Settings' }), `Disconnect from ${from}`).waitFor();
}

/** Types into the dialog that was just opened: into the field that it has chosen by itself. */
export async function typeName(page: Page, text: string): Promise<void> {
  await page.getByRole('dialog').locator('input:focus').waitFor(); // letters that come before it go nowhere
  await page.keyboard.type(text);
}

/** Adds a field to the model; its settings are open then. */
export async function addField(page: Page, title: string, name: string, type?: string): Promise<Locator> {
  await button(page, 'Add field').click();
  const dialog = page.getByRole('dialog', { name: 'Add field' });
  await typeName(page, title);
  await dialog.getByRole('textbox', { name: 'Name in expressions' }).fill(name);
  if (type !== undefined) await choose(dialog, 'Type', type);
  await button(dialog, 'Add').click();
  const panel = page.getByRole('complementary', { name: `Settings of ${title}` });
  await panel.waitFor();
  return panel;
}

/** Adds a page and opens it. */
export async function addPage(page: Page, title: string, kind?: string): Promise<void> {
  await turnTo(page, 'Pages');
  await button(page, 'New page').click();
  await typeName(page, title);
  if (kind !== undefined) await page.getByRole('radio', { name: kind }).check();
  await button(page, 'Create page').click();
  await page.getByRole('group', { name: 'Canvas' }).getByText(title, { exact: true }).waitFor();
}

/** Takes an option of a list that opens. */
export async function choose(within: Locator, label: string, option: string): Promise<void> {
  await within.getByRole('combobox', { name: label }).click();
  await within.page().getByRole('option', { name: option, exact: true }).click();
}

/** Writes into an editor of code, in place of what is there. A plain field stands in its place until it is loaded. */
export async function write(into: Locator, text: string): Promise<void> {
  const page = into.page();
  const editor = into.and(page.locator('.cm-content'));
  await editor.click();
  await editor.press('Control+a');
  await editor.press('Delete');
  await page.keyboard.insertText(text);
  await editor.press('Tab'); // what the editor offers goes away
}

/** Pastes into an editor of code, as a person does with several lines: the editor would indent what is typed. */
export async function paste(into: Locator, text: string): Promise<void> {
  const page = into.page();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await into.click();
  await into.press('Control+a');
  await into.press('Control+v');
}

/** A thing that can be put onto a page. */
export const tile = (page: Page, group: string, name: string) => button(page.getByRole('group', { name: group, exact: true }), name);

/** Everything is stored, and the check finds nothing wrong with it. */
export async function expectNoProblems(page: Page): Promise<void> {
  await saved(page);
  await turnTo(page, 'Problems');
  await expect.poll(() => page.getByRole('main').innerText(), { timeout: 10_000 }).toContain('No problems'); // else it says which
}

/** Asks what publishing the component would do. */
export async function plan(page: Page, component: string): Promise<void> {
  await page.getByRole('banner').getByRole('link', { name: 'Publish' }).click();
  await page.getByRole('heading', { name: `Publish ${component}` }).waitFor();
  await page.getByRole('region', { name: 'Changes of the database' }).waitFor();
}

/** Carries the plan out. */
export async function publishNow(page: Page): Promise<void> {
  await button(page, 'Publish now').click();
  await page.getByRole('heading', { name: 'Published' }).waitFor({ timeout: 60_000 });
}

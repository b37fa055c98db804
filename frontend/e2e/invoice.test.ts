import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, fill, settle, shoot, startBrowser, visit } from './browser';
import { type Platform, startPlatform } from './platform';

// The invoice app, made from nothing by mouse and keyboard alone.

let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const states = ['Under Review', 'Accepted for Payment', 'Rejected', 'Paid', 'Overdue'];

const button = (within: Page | Locator, name: string | RegExp) => within.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });

async function seen(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await shoot(page, `invoice-${name}`);
}

/** Opens an editor of the component. */
async function turnTo(page: Page, editor: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Editors' }).getByRole('link', { name: editor }).click();
  await page.mouse.move(600, 700); // away from the tooltip
}

/** What has been done so far is stored. */
async function saved(page: Page): Promise<void> {
  await page.getByRole('banner').getByText('Saved', { exact: true }).waitFor();
}

/** Drags with the mouse, and drops as soon as the place has noticed. */
async function drag(page: Page, from: Locator, to: Locator, at: 'top' | 'centre', noticed: Locator): Promise<void> {
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

async function setUp(page: Page): Promise<void> {
  await page.goto(platform.setupLink);
  await fill(page, { Organization: 'Acme', 'Your name': 'Ada', 'E-mail address': 'ada@example.com', Password: 'correct horse battery' });
  await button(page, 'Set up').click();
  await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();
}

async function createComponent(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Studio' }).click();
  await page.getByText('No components yet').waitFor();
  await seen(page, 'no-components');
  await button(page, 'New component').click();
  await seen(page, 'new-component');
  await page.keyboard.type('Invoice');
  expect(await page.getByRole('textbox', { name: 'Id' }).inputValue()).toBe('invoice');
  await page.keyboard.press('Enter');
  await page.getByText('No fields yet').waitFor();
}

async function addField(page: Page, title: string, name: string, type?: string): Promise<Locator> {
  await button(page, 'Add field').click();
  const dialog = page.getByRole('dialog', { name: 'Add field' });
  await page.keyboard.type(title);
  await dialog.getByRole('textbox', { name: 'Name in expressions' }).fill(name);
  if (type !== undefined) {
    await dialog.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: type, exact: true }).click();
  }
  await button(dialog, 'Add').click();
  const panel = page.getByRole('complementary', { name: `Settings of ${title}` });
  await panel.waitFor();
  return panel;
}

async function makeModel(page: Page): Promise<void> {
  await seen(page, 'no-fields');
  const number = await addField(page, 'Number', 'InvoiceNumber');
  await number.getByRole('textbox', { name: 'Fewest characters' }).fill('2');
  for (const mark of ['Required', 'Part of the key', 'Searchable']) await number.getByRole('checkbox', { name: mark }).check();
  const name = await addField(page, 'Name', 'InvoiceName');
  for (const mark of ['Searchable', 'Name of the entry']) await name.getByRole('checkbox', { name: mark }).check();
  const due = await addField(page, 'Due', 'InvoiceDueDate', 'Date and time');
  await due.getByRole('checkbox', { name: 'Searchable' }).check();
  const total = await addField(page, 'Total', 'InvoiceTotalValue', 'Number');
  await total.getByRole('textbox', { name: 'Smallest value' }).fill('0');
  await total.getByRole('checkbox', { name: 'Searchable' }).check();
  const state = await addField(page, 'State', 'InvoiceState', 'Integer');
  await state.getByRole('checkbox', { name: 'Searchable' }).check();
  for (const [at, label] of states.entries()) {
    await button(state, 'Add value').click();
    await state.getByRole('textbox', { name: 'Label' }).nth(at).fill(label);
  }
  expect(await state.getByRole('textbox', { name: 'Value', exact: true }).evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))).toEqual(['0', '1', '2', '3', '4']);
  await seen(page, 'model');
}

async function addPage(page: Page, title: string): Promise<void> {
  await turnTo(page, 'Pages');
  await button(page, 'New page').click();
  await page.keyboard.type(title);
  await page.keyboard.press('Enter');
  await page.getByRole('group', { name: 'Canvas' }).getByText(title, { exact: true }).waitFor();
}

async function makeForm(page: Page): Promise<void> {
  const canvas = page.getByRole('group', { name: 'Canvas' });
  const tile = (group: string, name: string) => button(page.getByRole('group', { name: group, exact: true }), name);
  const settings = page.getByRole('complementary', { name: 'Settings' });
  for (const name of ['Number', 'Due', 'State']) {
    await tile('Fields', name).click();
    await canvas.getByLabel(name).waitFor();
  }
  const line = page.getByTestId('drop-line');
  await drag(page, tile('Fields', 'Name'), canvas.getByLabel('Due'), 'top', line);
  await drag(page, tile('Fields', 'Total'), canvas.getByLabel('State'), 'top', line);

  await button(page, /^Undo/).click();
  await canvas.getByLabel('Total').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Shift+Z');
  await canvas.getByLabel('Total').waitFor();

  await canvas.click({ position: { x: 8, y: 8 } });
  await tile('Actions', 'Button').click();
  await settings.getByLabel('Label', { exact: true }).fill('Save');
  await settings.getByRole('combobox', { name: 'Action' }).selectOption({ label: 'Run a dataflow' });
  await settings.getByRole('combobox', { name: 'Dataflow' }).selectOption({ label: 'Save' });
  await tile('Actions', 'Button').click();
  await settings.getByLabel('Label', { exact: true }).fill('Back');
  await settings.getByRole('combobox', { name: 'Action' }).selectOption({ label: 'Open a page' });
  await settings.getByRole('combobox', { name: 'Page' }).selectOption({ label: 'All Invoices' });
  await seen(page, 'form-editor');
}

async function makeGrid(page: Page): Promise<void> {
  await button(page, 'Add/View Invoice').click(); // the menu of pages
  await page.getByRole('menuitem', { name: 'All Invoices' }).click();
  await page.getByRole('group', { name: 'Canvas' }).getByText('All Invoices').waitFor();
  await button(page.getByRole('group', { name: 'Data', exact: true }), 'Data grid').click();
  const settings = page.getByRole('complementary', { name: 'Settings' });
  await button(settings, 'All fields').click();
  expect(await page.getByRole('group', { name: 'Canvas' }).getByRole('columnheader', { includeHidden: true }).allTextContents()).toEqual(['Number', 'Name', 'Due', 'Total', 'State']);
  await settings.getByRole('combobox', { name: 'When a row is clicked' }).selectOption({ label: 'Edit the record' });
  await settings.getByRole('combobox', { name: 'Page' }).selectOption({ label: 'Add/View Invoice' });
  await settings.getByRole('combobox', { name: 'Add button' }).selectOption({ label: 'Add a record' });
  await settings.getByRole('combobox', { name: 'Page' }).nth(1).selectOption({ label: 'Add/View Invoice' });
  await seen(page, 'grid-editor');
}

async function makeDataflow(page: Page): Promise<void> {
  await turnTo(page, 'Dataflows');
  await button(page, 'New dataflow').click();
  await page.keyboard.type('Save');
  await page.keyboard.press('Enter');
  await button(page, 'Get action model, read').waitFor();

  // A step at the "+", found by its name.
  await button(page, 'Add a step after read').click();
  await page.getByRole('dialog', { name: 'What can be added' }).getByLabel('Search').fill('update entry');
  await page.keyboard.press('Enter');
  await button(page, /^Update entry, /).waitFor();
  const settings = page.getByRole('region', { name: 'Settings' });
  const choose = async (setting: string, option: string) => {
    await settings.getByRole('combobox', { name: setting }).click();
    await page.getByRole('option', { name: option }).click();
  };
  await choose('Component', 'Invoice');
  await choose('Mode', 'create');
  await button(settings, 'Add all 5').click();
  expect(await settings.getByRole('textbox', { name: 'Value of InvoiceTotalValue' }).inputValue()).toBe('item.InvoiceTotalValue');

  // One from the palette, and the arrow to it by hand.
  const drawing = page.getByRole('application', { name: 'Save' });
  await drawing.click({ position: { x: 20, y: 20 } });
  await button(page.getByRole('region', { name: 'What can be added' }), 'Write response').click();
  const answer = drawing.getByRole('button', { name: 'Write response, write_response' });
  await answer.waitFor();
  await settings.getByText('Disconnect').waitFor({ state: 'detached' });
  await settle(page);
  const [from, to] = [await drawing.locator('[data-nodeid=update_entry].source').boundingBox(), await drawing.locator('[data-nodeid=write_response].target').boundingBox()];
  if (from === null || to === null) throw new Error('a step has no place to connect');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 });
  await page.mouse.up();
  await button(settings, 'Disconnect from update_entry').waitFor();
  await seen(page, 'dataflow');
}

async function publish(page: Page): Promise<void> {
  await saved(page);
  await turnTo(page, 'Problems');
  await page.getByText('No problems').waitFor();
  await seen(page, 'no-problems');
  await page.getByRole('banner').getByRole('link', { name: 'Publish' }).click();
  await page.getByRole('heading', { name: 'Publish Invoice' }).waitFor();
  await page.getByRole('region', { name: 'Changes of the database' }).waitFor();
  await seen(page, 'plan');
  await button(page, 'Publish now').click();
  await page.getByRole('heading', { name: 'Published' }).waitFor({ timeout: 60_000 });
  await seen(page, 'published');
}

/** Fills the form in; the page must be open. */
async function fillInvoice(page: Page, invoice: { number: string; name: string; total: string; state: string }): Promise<void> {
  await page.getByRole('textbox', { name: 'Number' }).fill(invoice.number);
  await page.getByRole('textbox', { name: 'Name' }).fill(invoice.name);
  await page.getByLabel('Due').fill('2026-12-24T12:30');
  await page.getByRole('textbox', { name: 'Total' }).fill(invoice.total);
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: invoice.state }).click();
}

const row = (page: Page, number: string) => page.getByRole('row').filter({ has: page.getByRole('gridcell', { name: number, exact: true }) });

/** Waits until the rows show these numbers, in this order. */
async function expectRows(page: Page, numbers: readonly string[]): Promise<void> {
  const cells = page.getByRole('gridcell', { name: /^[AB]-\d$/ });
  await expect.poll(() => cells.allTextContents(), { timeout: 10_000 }).toEqual(numbers);
}

async function work(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Open the app' }).click();
  await page.getByText('Nothing here yet').waitFor();
  await seen(page, 'empty-grid');

  await button(page, 'Add').click();
  await button(page, 'Save').click();
  await page.locator('[aria-invalid=true]').waitFor(); // the number is required
  await fillInvoice(page, { number: 'A-1', name: 'Paper', total: '12.50', state: 'Paid' });
  await seen(page, 'form');
  await button(page, 'Save').click();
  await row(page, 'A-1').getByText('Paid').waitFor();

  // The number is the key: it is refused where it was typed, and can be mended there.
  await button(page, 'Add').click();
  await fillInvoice(page, { number: 'A-1', name: 'Ink', total: '1234.56', state: 'Overdue' });
  await button(page, 'Save').click();
  const number = page.getByRole('textbox', { name: 'Number' });
  await page.locator('[aria-invalid=true]').waitFor();
  expect(await number.getAttribute('aria-invalid')).toBe('true');
  expect(await number.evaluate((element) => element === document.activeElement)).toBe(true);
  await seen(page, 'refused');
  await number.fill('B-2');
  await page.keyboard.press('Enter');
  await button(page, 'Save').click();
  await row(page, 'B-2').getByText('Overdue').waitFor();
  await expectRows(page, ['A-1', 'B-2']);
  await seen(page, 'grid');

  await page.getByRole('columnheader', { name: 'Total' }).click();
  await expectRows(page, ['A-1', 'B-2']);
  await page.getByRole('columnheader', { name: 'Total' }).click();
  await expectRows(page, ['B-2', 'A-1']);

  await button(page, 'Filter').click();
  const panel = page.getByRole('dialog', { name: 'Filter' });
  await panel.getByLabel('Value').fill('A-');
  await expectRows(page, ['A-1']);
  await seen(page, 'filtered');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

  await row(page, 'A-1').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Paper, much of it');
  await button(page, 'Save').click();
  await row(page, 'A-1').getByText('Paper, much of it').waitFor();
  await row(page, 'A-1').click();
  await button(page, 'Back').click();
  await page.getByRole('grid').waitFor();
}

it('makes the invoice app from nothing and works with it', async () => {
  const { page, problems } = await visit(browser, platform.url, { viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin' });
  page.setDefaultTimeout(20_000);
  await setUp(page);
  await createComponent(page);
  await makeModel(page);
  await makeDataflow(page);
  await addPage(page, 'All Invoices');
  await addPage(page, 'Add/View Invoice');
  await makeForm(page);
  await makeGrid(page);
  await publish(page);
  await work(page);
  expect(problems).toEqual([]);
});

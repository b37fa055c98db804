import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, illustrate, shoot, startBrowser, visit } from './browser';
import { addField, addPage, button, choose, drag, drawArrow, expectNoProblems, plan, publishNow, setUp, tile, turnTo, typeName } from './gestures';
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

/** The pictures of the tutorial, in its order. */
const pictures = ['new-component', 'model', 'dataflow', 'form-editor', 'grid-editor', 'plan', 'published', 'empty-grid', 'form', 'grid'];

async function seen(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await shoot(page, `invoice-${name}`);
  if (pictures.includes(name)) await illustrate(page, `${String(pictures.indexOf(name) + 1).padStart(2, '0')}-${name}`);
}

async function createComponent(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Studio' }).click();
  await page.getByText('No components yet').waitFor();
  await seen(page, 'no-components');
  await button(page, 'New component').click();
  await seen(page, 'new-component');
  await typeName(page, 'Invoice');
  expect(await page.getByRole('textbox', { name: 'Id' }).inputValue()).toBe('invoice');
  await page.keyboard.press('Enter');
  await page.getByText('No fields yet').waitFor();
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
  const sideways = () => [...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).overflowX === 'auto' && one.scrollWidth > one.clientWidth).map((one) => one.className);
  expect(await page.evaluate(sideways), 'what can be moved sideways for nothing').toEqual([]);
  await seen(page, 'model');
}

async function makeForm(page: Page): Promise<void> {
  const canvas = page.getByRole('group', { name: 'Canvas' });
  const settings = page.getByRole('complementary', { name: 'Settings' });
  for (const name of ['Number', 'Due', 'State']) {
    await tile(page, 'Fields', name).click();
    await canvas.getByLabel(name).waitFor();
  }
  const line = page.getByTestId('drop-line');
  await drag(page, tile(page, 'Fields', 'Name'), canvas.getByLabel('Due'), 'top', line);
  await drag(page, tile(page, 'Fields', 'Total'), canvas.getByLabel('State'), 'top', line);

  await button(page, /^Undo/).click();
  await canvas.getByLabel('Total').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Shift+Z');
  await canvas.getByLabel('Total').waitFor();

  await canvas.click({ position: { x: 8, y: 8 } });
  await tile(page, 'Actions', 'Button').click();
  await settings.getByLabel('Label', { exact: true }).fill('Save');
  await settings.getByRole('combobox', { name: 'Action' }).selectOption({ label: 'Run a dataflow' });
  await settings.getByRole('combobox', { name: 'Dataflow' }).selectOption({ label: 'Save' });
  await tile(page, 'Actions', 'Button').click();
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
  await typeName(page, 'Save');
  await page.keyboard.press('Enter');
  await button(page, 'Get action model, read').waitFor();

  // A step at the "+", found by its name.
  await button(page, 'Add a step after read').click();
  await page.getByRole('dialog', { name: 'What can be added' }).getByLabel('Search').fill('update entry');
  await page.keyboard.press('Enter');
  await button(page, /^Update entry, /).waitFor();
  const settings = page.getByRole('region', { name: 'Settings' });
  await choose(settings, 'Component', 'Invoice');
  await choose(settings, 'Mode', 'create');

  // One from the palette, and the arrow to it by hand.
  const drawing = page.getByRole('application', { name: 'Save' });
  await drawing.click({ position: { x: 20, y: 20 } });
  await button(page.getByRole('region', { name: 'What can be added' }), 'Write response').click();
  const answer = drawing.getByRole('button', { name: 'Write response, write_response' });
  await answer.waitFor();
  await settings.getByText('Disconnect').waitFor({ state: 'detached' });
  await drawArrow(page, drawing, 'update_entry', 'write_response');
  await seen(page, 'dataflow');
}

async function publish(page: Page): Promise<void> {
  await expectNoProblems(page);
  await seen(page, 'no-problems');
  await plan(page, 'Invoice');
  await seen(page, 'plan');
  await publishNow(page);
  await page.getByText('Only administrators and developers can use Invoice so far.').waitFor();
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

  // What leaving a field shows does not move a button away under the pointer: the click arrives.
  const total = page.getByRole('textbox', { name: 'Total' });
  await total.fill('-5');
  const before = await button(page, 'Save').boundingBox();
  if (before === null) throw new Error('Save is not in sight');
  await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
  await page.mouse.down();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  expect(await button(page, 'Save').boundingBox()).toEqual(before);
  await page.mouse.up();
  await expect.poll(() => total.getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByRole('textbox', { name: 'Number' }).evaluate((element) => element === document.activeElement), 'Save leads to the first field that is wrong').toBe(true);
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
  const { page, problems } = await visit(browser, platform.url, { viewport: { width: 1440, height: 800 }, timezoneId: 'Europe/Berlin' });
  page.setDefaultTimeout(20_000);
  await setUp(page, platform);
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
}, 240_000); // a whole app by mouse, one click after the other

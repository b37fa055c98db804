import type { Locator, Page } from 'playwright-core';
import { addPage, button, tile, write } from '../gestures';

const canvas = (page: Page) => page.getByRole('group', { name: 'Canvas' });
const settings = (page: Page) => page.getByRole('complementary', { name: 'Settings' });
const pick = (within: Locator, label: string, option: string, at = 0) => within.getByRole('combobox', { name: label, exact: true }).nth(at).selectOption({ label: option });

/** Puts controls for fields onto the page. */
async function addFields(page: Page, titles: readonly string[]): Promise<void> {
  for (const title of titles) {
    await tile(page, 'Fields', title).click();
    await canvas(page).getByLabel(title).first().waitFor();
  }
  await canvas(page).click({ position: { x: 8, y: 8 } });
}

/** Puts a button onto the page; its settings are open then. */
async function addButton(page: Page, label: string, action: string): Promise<Locator> {
  await tile(page, 'Actions', 'Button').click();
  const panel = settings(page);
  await panel.getByLabel('Label', { exact: true }).fill(label);
  await pick(panel, 'Action', action);
  return panel;
}

async function addGrid(page: Page, columns: readonly string[], filter?: string, component?: string): Promise<Locator> {
  await tile(page, 'Data', 'Data grid').click();
  const panel = settings(page);
  if (component !== undefined) await pick(panel, 'Component', component);
  for (const column of columns) {
    await button(panel, 'Add a column').click();
    await page.getByRole('menuitem', { name: new RegExp(`^${column}`) }).click();
    await button(panel, `Remove ${column}`).waitFor();
  }
  if (filter !== undefined) await panel.getByLabel('Only entries where', { exact: true }).fill(filter);
  return panel;
}

/** Gives an action a value of an expression. */
async function addInput(panel: Locator, at: number, name: string, expression: string): Promise<void> {
  const input = panel.getByRole('group', { name: 'Input', exact: true });
  await button(input, 'Add a value').click();
  await input.getByLabel('Name', { exact: true }).nth(at).fill(name);
  await input.getByLabel(`Value of ${name}`, { exact: true }).fill(expression);
}

export async function makeSpecialistPages(page: Page): Promise<void> {
  await addPage(page, 'Specialists');
  await addPage(page, 'Add a specialist');
  await addFields(page, ['Name']);
  const save = await addButton(page, 'Save', 'Run a dataflow');
  await pick(save, 'Dataflow', 'Add a specialist');

  await turnToPage(page, 'Add a specialist', 'Specialists');
  const grid = await addGrid(page, ['Name']);
  await pick(grid, 'Add button', 'Add a record');
  await pick(grid, 'Page', 'Add a specialist');
}

/** Goes from one page to another by the menu in the bar. */
async function turnToPage(page: Page, from: string, to: string): Promise<void> {
  await button(page, from).click();
  await page.getByRole('menuitem', { name: to, exact: true }).click();
  await canvas(page).getByText(to, { exact: true }).waitFor();
}

export async function makeCarPages(page: Page): Promise<void> {
  await addPage(page, 'Cars without a manager');
  await addPage(page, 'Add a car');
  await addFields(page, ['VIN', 'Brand', 'Model', 'Year', 'Price']);
  await pick(await addButton(page, 'Save', 'Run a dataflow'), 'Dataflow', 'Add a car');

  await addPage(page, 'Appoint a manager', 'Modal, opened over another page');
  await addFields(page, ['Manager']);
  const appoint = await addButton(page, 'Appoint', 'Run a dataflow');
  await pick(appoint, 'Dataflow', 'Appoint a manager');
  await addInput(appoint, 0, 'car_vin', 'entry.car_vin');
  await addInput(appoint, 1, 'manager_name', "entry.choosen_manager == null ? '' : entry.choosen_manager.manager_name");

  await addPage(page, 'Load cars');
  await addFields(page, ['List of cars']);
  await pick(await addButton(page, 'Load', 'Run a dataflow'), 'Dataflow', 'Load cars from a file');

  await addPage(page, 'Enter into a contract');
  await tile(page, 'Display', 'Label').click();
  const label = settings(page);
  await button(label, 'Expression for Text').click();
  await write(label.getByRole('textbox', { name: 'Text', exact: true }), "entry.brand + ' ' + entry.model");
  await pick(await addButton(page, 'Sign', 'Run a dataflow'), 'Dataflow', 'Enter into a contract');
  const ask = await addButton(page, 'Ask for approval', 'Start a workflow');
  await pick(ask, 'Workflow', 'Approve a contract');
  await addInput(ask, 0, 'car_vin', 'entry.car_vin');

  await addPage(page, 'All cars');
  await addGrid(page, ['VIN', 'Brand', 'Model', 'Manager', 'Sold']);
  await pick(await addButton(page, 'Load cars', 'Open a page'), 'Page', 'Load cars');

  await turnToPage(page, 'All cars', 'Cars without a manager');
  const grid = await addGrid(page, ['VIN', 'Brand', 'Model', 'Year', 'Price'], 'is_manager_exists != true && is_archieved != true');
  await pick(grid, 'When a row is clicked', 'Open a modal');
  await pick(grid, 'Page', 'Appoint a manager');
  await pick(grid, 'Add button', 'Add a record');
  await pick(grid, 'Page', 'Add a car', 1);
}

/** Fills the page, which must be open. */
export async function makeSalesPage(page: Page): Promise<void> {
  const grid = await addGrid(page, ['VIN', 'Brand', 'Model', 'Manager'], 'is_manager_exists == true && is_archieved != true', 'Car Fleet');
  await pick(grid, 'When a row is clicked', 'Open a page');
  await pick(grid, 'Component', 'Car Fleet', 1);
  await pick(grid, 'Page', 'Enter into a contract');
}

/** Shows a button of the page that is open to a role alone. */
export async function showTo(page: Page, label: string, role: string): Promise<void> {
  await canvas(page).getByText(label, { exact: true }).click({ force: true }); // the paper takes the click
  await settings(page).getByRole('combobox', { name: 'Roles' }).click();
  await page.getByRole('option', { name: role, exact: true }).click();
}

import type { Locator, Page } from 'playwright-core';
import { addField, button, choose, turnTo, typeName } from '../gestures';

interface FieldPlan {
  title: string;
  name: string;
  type?: string;
  marks?: readonly string[];
  rules?: Readonly<Record<string, string>>;
  refersTo?: string;
}

export const specialistFields: readonly FieldPlan[] = [
  {
    title: 'Name', name: 'manager_name', rules: { 'Fewest characters': '2', 'Most characters': '120' },
    marks: ['Required', 'Part of the key', 'Searchable', 'Name of the entry', 'Title of the entry'],
  },
];

export const carFields: readonly FieldPlan[] = [
  { title: 'VIN', name: 'car_vin', rules: { 'Fewest characters': '3', 'Most characters': '17' }, marks: ['Required', 'Part of the key', 'Searchable', 'Title of the entry'] },
  { title: 'Brand', name: 'brand', rules: { 'Most characters': '60' }, marks: ['Required', 'Searchable', 'Name of the entry'] },
  { title: 'Model', name: 'model', rules: { 'Most characters': '120' }, marks: ['Searchable'] },
  { title: 'Year', name: 'year_of_manufacture', type: 'Integer', rules: { 'Smallest value': '1886', 'Greatest value': '2100' }, marks: ['Searchable'] },
  { title: 'Price', name: 'price', type: 'Number', rules: { 'Smallest value': '0', 'Digits after the point': '2' }, marks: ['Searchable'] },
  { title: 'Has a manager', name: 'is_manager_exists', type: 'Yes or no', marks: ['Searchable'] },
  { title: 'Manager', name: 'choosen_manager', type: 'Reference', refersTo: 'Transaction Specialists', marks: ['Searchable'] },
  { title: 'Sold', name: 'is_archieved', type: 'Yes or no', marks: ['Searchable'] },
  { title: 'List of cars', name: 'list', type: 'File', rules: { 'Accepted types': 'text/csv' }, marks: ['Not stored'] },
];

/** Opens the list of components. */
export async function goStudio(page: Page): Promise<Locator> {
  await page.getByRole('link', { name: 'Studio', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Components' }).waitFor();
  return page.getByRole('main');
}

export async function newComponent(page: Page, name: string, description: string): Promise<void> {
  const main = await goStudio(page);
  await button(main, 'New component').click();
  const dialog = page.getByRole('dialog', { name: 'New component' });
  await typeName(page, name);
  await dialog.getByLabel('Description').fill(description);
  await button(dialog, 'Create').click();
  await page.getByText('No fields yet').waitFor();
}

export async function openComponent(page: Page, name: string): Promise<void> {
  const main = await goStudio(page);
  await main.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
}

export async function makeModel(page: Page, fields: readonly FieldPlan[]): Promise<void> {
  await turnTo(page, 'Model');
  for (const { title, name, type, marks = [], rules = {}, refersTo } of fields) {
    const panel = await addField(page, title, name, type);
    if (refersTo !== undefined) await choose(panel, 'Refers to', refersTo);
    for (const [rule, value] of Object.entries(rules)) await panel.getByRole('textbox', { name: rule }).fill(value);
    for (const mark of marks) await panel.getByRole('checkbox', { name: mark, exact: true }).check();
  }
}

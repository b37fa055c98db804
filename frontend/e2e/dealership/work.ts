import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { button } from '../gestures';

/** Opens a page of an app from the Workplace. */
export async function openPage(page: Page, app: string, title: string): Promise<void> {
  await page.getByRole('link', { name: 'Workplace', exact: true }).first().click();
  await page.getByRole('article', { name: app, exact: true }).getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('heading', { name: title, exact: true }).waitFor();
}

/** The apps that somebody is shown, each with its pages. */
export async function appsOf(page: Page): Promise<Readonly<Record<string, readonly string[]>>> {
  await page.getByRole('link', { name: 'Workplace', exact: true }).first().click();
  await page.getByRole('article').first().waitFor();
  const apps = await page.getByRole('article').all();
  return Object.fromEntries(
    await Promise.all(apps.map(async (app) => [await app.getByRole('heading').textContent(), await app.getByRole('listitem').allTextContents()] as const)),
  );
}

export const row = (page: Page, text: string) => page.getByRole('row').filter({ has: page.getByRole('gridcell', { name: text, exact: true }) });

/** Waits until the cars of the grid are these. */
export async function expectCars(page: Page, numbers: readonly number[]): Promise<void> {
  const cells = page.getByRole('gridcell', { name: /^VIN\d{6}$/ });
  await page.getByRole('grid').waitFor();
  await expect.poll(async () => (await cells.allTextContents()).toSorted(), { timeout: 10_000 }).toEqual(numbers.map((n) => `VIN00000${n}`));
}

export async function addSpecialist(page: Page, name: string): Promise<void> {
  await button(page, 'Add').click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await button(page, 'Save').click();
  await row(page, name).waitFor();
}

const cars = `Name,Year,Weight
chevrolet chevelle malibu,1970,3504
buick skylark 320,1970,3693
plymouth satellite,1970,3436
amc rebel sst,1970,3433
ford torino,1970,3449
`;

/** Chooses the file and has it loaded. */
export async function loadCars(page: Page): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await button(page, 'Choose a file').click();
  await (await choosing).setFiles({ name: 'cars.csv', mimeType: 'text/csv', buffer: Buffer.from(cars) });
  await page.getByText('cars.csv').waitFor();
  await button(page, 'Load').click();
  await page.getByText('Done.').waitFor();
}

/** Chooses the manager of a car in the modal that its row opens. */
export async function appoint(page: Page, car: string, manager: string): Promise<void> {
  await row(page, car).click();
  const modal = page.getByRole('dialog', { name: 'Appoint a manager' });
  await modal.getByRole('combobox', { name: 'Manager' }).click();
  await page.getByRole('option', { name: manager }).click();
  await button(modal, 'Appoint').click();
  await modal.waitFor({ state: 'detached' });
  await row(page, car).waitFor({ state: 'detached' });
}

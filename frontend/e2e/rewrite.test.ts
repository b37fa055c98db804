import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, shoot, startBrowser, visit } from './browser';
import { call } from './calls';
import { button, setUp } from './gestures';
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

it('renames a field and a page, and moves a dataflow, with all that uses them', async () => {
  const { page, problems } = await visit(browser, platform.url);
  await setUp(page, platform);
  await page.goto('/');
  const sample = page.getByRole('article', { name: 'Car dealership' });
  await button(sample, 'Install').click();
  await sample.getByText('Installed').waitFor({ timeout: 120_000 });

  await page.goto('/studio/car_fleet/model');
  await page.getByText('car_vin').first().click();
  const name = page.getByRole('textbox', { name: 'Name in expressions' });
  await name.fill('vin');
  await name.press('Enter');
  const field = page.getByRole('dialog', { name: 'Rename car_vin to vin everywhere?' });
  await field.getByText('managers_grid › pages/managers/nodes/grid/props/columns/0/field: vin').waitFor();
  await shoot(page, 'rename-field');
  await button(field, 'Rename everywhere').click();
  await field.waitFor({ state: 'detached' });
  expect(JSON.stringify(await call(page, 'GET', '/v1/components/managers_grid'))).not.toContain('"car_vin"');

  await page.goto('/studio/car_fleet/pages');
  await button(page, 'Settings of Add a car').click();
  await button(page, 'Rename …').click();
  const part = page.getByRole('dialog', { name: 'Rename add_car everywhere' });
  await part.getByRole('textbox', { name: 'New name in paths' }).fill('No such name');
  await button(part, 'Show what changes').click();
  await part.getByRole('alert').waitFor();
  await part.getByRole('textbox', { name: 'New name in paths' }).fill('new_car');
  await button(part, 'Show what changes').click();
  await part.getByText('car_fleet › pages/add_car: new_car').waitFor();
  await expectAccessible(page);
  await button(part, 'Rename everywhere').click();
  await page.waitForURL('**/studio/car_fleet/pages/new_car');

  await page.goto('/studio/car_fleet/dataflows/import_cars');
  await button(page, 'Move …').click();
  const move = page.getByRole('dialog', { name: 'Move import_cars to another component' });
  await move.getByRole('combobox', { name: 'Component' }).click();
  await page.getByRole('option', { name: 'Managers' }).click();
  await button(move, 'Show what changes').click();
  await move.getByText('car_fleet › dataflows/import_cars: managers_grid').waitFor();
  await shoot(page, 'move-dataflow');
  await expectAccessible(page);
  await button(move, 'Move it').click();
  await page.waitForURL('**/studio/managers_grid/dataflows/import_cars');
  await page.getByRole('textbox', { name: 'Name in paths' }).waitFor();

  // One that takes the fields of its own component stays, and the dialog says why.
  await page.goto('/studio/car_fleet/dataflows/add_car');
  await button(page, 'Move …').click();
  const stays = page.getByRole('dialog', { name: 'Move add_car to another component' });
  await stays.getByRole('combobox', { name: 'Component' }).click();
  await page.getByRole('option', { name: 'Managers' }).click();
  await button(stays, 'Show what changes').click();
  await stays.getByText('takes the fields of its own component').waitFor();
  await shoot(page, 'move-refused');
  expect(problems.filter((one) => !one.includes('400'))).toEqual([]);
});

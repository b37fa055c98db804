import type { Locator, Page } from 'playwright-core';
import { button, choose, drawArrow, paste, turnTo, typeName, write } from '../gestures';

const drawing = (page: Page, flow: string) => page.getByRole('application', { name: flow });
const settings = (page: Page) => page.getByRole('region', { name: 'Settings' });

/** Makes a flow; its drawing is open then. */
async function newFlow(page: Page, kind: 'dataflow' | 'workflow', title: string): Promise<void> {
  await turnTo(page, kind === 'dataflow' ? 'Dataflows' : 'Workflows');
  await button(page, `New ${kind}`).click();
  await typeName(page, title);
  await page.keyboard.press('Enter');
  await drawing(page, title).getByRole('button').first().waitFor();
}

/** Adds a step at the "+" after another one, found by its name; its settings are open then. */
async function addAfter(page: Page, after: string, kind: string, id: string): Promise<Locator> {
  await button(page, `Add a step after ${after}`).click();
  await page.getByRole('dialog', { name: 'What can be added' }).getByLabel('Search').fill(kind);
  await page.keyboard.press('Enter');
  return named(page, kind, id);
}

/** Calls the step whose settings are open by another name. */
async function named(page: Page, kind: string, id: string): Promise<Locator> {
  const panel = settings(page);
  await panel.getByRole('heading', { name: kind, exact: true }).waitFor();
  await panel.getByRole('textbox', { name: 'Name in paths', exact: true }).fill(id);
  await page.keyboard.press('Enter');
  await button(page, new RegExp(`^${kind}, ${id}`)).waitFor();
  return panel;
}

/** The step that every dataflow begins with makes room for one that takes what comes, unchecked. */
async function beginRaw(page: Page, flow: string): Promise<void> {
  await button(page, 'Get action model, read').click();
  await button(settings(page), 'Remove read').click();
  await button(page.getByRole('region', { name: 'What can be added' }), 'Raw model').click();
  await named(page, 'Raw model', 'read');
  await drawing(page, flow).click({ position: { x: 12, y: 12 } });
}

/** Sets rows of a mapping, adding those that are not there. */
async function map(panel: Locator, title: string, rows: Readonly<Record<string, string>>): Promise<void> {
  const group = panel.getByRole('group', { name: title, exact: true });
  for (const [name, value] of Object.entries(rows)) {
    const cell = group.getByRole('textbox', { name: `Value of ${name}`, exact: true });
    if ((await cell.count()) === 0) {
      const before = await group.getByRole('combobox').count();
      await button(group, 'Add').click();
      const added = group.getByRole('combobox').nth(before);
      await added.fill(name);
      await added.press('Enter');
    }
    await write(cell, value);
  }
}

/** Takes in what a form sends, checks it, and stores it. */
export async function makeSpecialistFlow(page: Page): Promise<void> {
  await newFlow(page, 'dataflow', 'Add a specialist');
  const store = await addAfter(page, 'read', 'Update entry', 'store');
  await choose(store, 'Component', 'Transaction Specialists');
  await map(store, 'Fields', { manager_name: 'item.manager_name' });
  await store.getByRole('textbox', { name: 'Result field', exact: true }).fill('saved');
  await addAfter(page, 'store', 'Write response', 'answer');
}

export async function makeAddCar(page: Page): Promise<void> {
  await newFlow(page, 'dataflow', 'Add a car');
  const store = await addAfter(page, 'read', 'Update entry', 'store');
  await choose(store, 'Component', 'Car Fleet');
  await choose(store, 'Mode', 'create');
  await button(store, 'Add all 9').click();
  for (const unset of ['choosen_manager', 'list']) await button(store, `Remove ${unset}`).click();
  await map(store, 'Fields', { is_manager_exists: 'false', is_archieved: 'false' });

  // One from the palette, and the arrow to it by hand.
  await drawing(page, 'Add a car').click({ position: { x: 12, y: 12 } });
  await button(page.getByRole('region', { name: 'What can be added' }), 'Write response').click();
  await named(page, 'Write response', 'answer');
  await drawArrow(page, drawing(page, 'Add a car'), 'store', 'answer');
}

const split = `"""Splits the name into brand and model, and asks a price by weight."""
from decimal import Decimal


def main(item):
    brand, _, model = item["name"].partition(" ")
    return {
        "vin": f"VIN{item['number']:06d}",
        "brand": brand.capitalize(),
        "model": model,
        "price": Decimal(item["weight"]) * Decimal("3.25"),
    }
`;

/** Reads a file row by row, computes with Python, and stores all rows at once. */
export async function makeImport(page: Page): Promise<void> {
  await newFlow(page, 'dataflow', 'Load cars from a file');
  await beginRaw(page, 'Load cars from a file');
  const rows = await addAfter(page, 'read', 'Import file', 'rows');
  await write(rows.getByRole('textbox', { name: 'File', exact: true }), 'item.list');
  await choose(rows, 'Format', 'csv');
  await rows.getByRole('textbox', { name: 'Separator', exact: true }).fill(',');
  await map(rows, 'Fields', { number: 'line - 1', name: 'string(row.Name)', year: 'int(row.Year)', weight: 'int(row.Weight)' });

  const script = await addAfter(page, 'rows', 'Execute script', 'split');
  await paste(script.getByRole('textbox', { name: 'Python' }), split);
  await script.getByRole('textbox', { name: 'Result', exact: true }).fill('{"vin": "text", "brand": "text", "model": "text", "price": "decimal"}');

  const collect = await addAfter(page, 'split', 'Deferred update entry', 'collect');
  await choose(collect, 'Component', 'Car Fleet');
  await collect.getByRole('combobox', { name: 'Key', exact: true }).click();
  await page.getByRole('option', { name: 'car_vin', exact: true }).click();
  await map(collect, 'Fields', {
    car_vin: 'item.vin', brand: 'item.brand', model: 'item.model', year_of_manufacture: 'item.year', price: 'item.price', is_manager_exists: 'false', is_archieved: 'false',
  });

  const apply = await addAfter(page, 'collect', 'Apply deferred update operations', 'apply');
  await apply.getByRole('textbox', { name: 'Chunk size', exact: true }).fill('500');
  await addAfter(page, 'apply', 'Write response', 'answer');
}

const clean = `"""Trims what was typed."""


def main(item):
    name = " ".join(str(item.get("manager_name") or "").split())
    if not name:
        raise ValueError("choose a manager")
    return {"manager_name": name}
`;

/** Finds the manager by name, and refers to them. */
export async function makeAppoint(page: Page): Promise<void> {
  await newFlow(page, 'dataflow', 'Appoint a manager');
  await beginRaw(page, 'Appoint a manager');
  const script = await addAfter(page, 'read', 'Execute script', 'clean');
  await paste(script.getByRole('textbox', { name: 'Python' }), clean);
  await script.getByRole('textbox', { name: 'Result', exact: true }).fill('{"manager_name": "text"}');

  const manager = await addAfter(page, 'clean', 'Look up a reference', 'manager');
  await choose(manager, 'Component', 'Transaction Specialists');
  await map(manager, 'Key', { manager_name: 'item.manager_name' });
  await manager.getByRole('textbox', { name: 'Result field', exact: true }).fill('manager');

  const store = await addAfter(page, 'manager', 'Update entry', 'store');
  await choose(store, 'Component', 'Car Fleet');
  await choose(store, 'Mode', 'update');
  await map(store, 'Fields', { car_vin: 'item.car_vin', choosen_manager: 'item.manager', is_manager_exists: 'true' });
  await addAfter(page, 'store', 'Write response', 'answer');
}

/** Marks the car as sold, and leads to the next one. */
export async function makeContract(page: Page): Promise<void> {
  await newFlow(page, 'dataflow', 'Enter into a contract');
  await beginRaw(page, 'Enter into a contract');
  const store = await addAfter(page, 'read', 'Update entry', 'store');
  await choose(store, 'Component', 'Car Fleet');
  await choose(store, 'Mode', 'update');
  await map(store, 'Fields', { car_vin: 'item.car_vin', is_archieved: 'true' });
  const next = await addAfter(page, 'store', 'Form action', 'next');
  await choose(next, 'Action', 'open-component');
  await map(next, 'Parameters', { component: "'managers_grid'", page: "'cars_to_sell'" });
}

/** Adds a task after the one whose settings are open, or at the end. */
async function addTask(page: Page, kind: string, name: string): Promise<Locator> {
  await button(page.getByRole('region', { name: 'What can be added' }), kind).click();
  const panel = settings(page);
  await panel.getByRole('heading', { name: kind, exact: true }).waitFor();
  await panel.getByRole('textbox', { name: 'Name', exact: true }).first().fill(name);
  await page.keyboard.press('Enter');
  await button(page, new RegExp(`^${kind}, ${name}`)).waitFor();
  return panel;
}

/** Asks a person, and sells the car when the answer is yes. */
export async function makeApproval(page: Page): Promise<void> {
  await newFlow(page, 'workflow', 'Approve a contract');
  const ask = await addTask(page, 'Ask a person', 'ask');
  await ask.getByRole('textbox', { name: 'Title', exact: true }).fill("${ 'Sell car ' + input.car_vin + '?' }");
  await ask.getByRole('group', { name: 'Answer 1' }).getByRole('textbox', { name: 'Label' }).fill('Yes, sell it');
  await ask.getByRole('textbox', { name: 'Data', exact: true }).fill('${ input }');
  await ask.getByRole('textbox', { name: 'Keep as context', exact: true }).fill("${ {'answer': output.answer} }");
  await addTask(page, 'Decide', 'decide');
  const sell = await addTask(page, 'Run a dataflow', 'sell');
  await choose(sell, 'Dataflow', 'Enter into a contract');
  await sell.getByRole('textbox', { name: 'Input', exact: true }).fill("${ {'car_vin': input.car_vin} }");

  await button(page, /^Set values, begin/).click();
  await button(settings(page), 'Remove begin').click();
  await button(page, /^Decide, decide/).click();
  const decide = settings(page);
  await choose(decide.getByRole('group', { name: 'otherwise', exact: true }), 'Goes on with', 'The end of the workflow');
  await button(decide, 'Add case').click();
  const fresh = decide.getByRole('group', { name: 'case', exact: true });
  await fresh.getByRole('textbox', { name: 'Condition', exact: true }).fill("${ context.answer == 'yes' }");
  await choose(fresh, 'Goes on with', 'sell');
  await fresh.getByRole('textbox', { name: 'Name', exact: true }).fill('sold');
  await page.keyboard.press('Enter');
  await decide.getByRole('group', { name: 'sold', exact: true }).waitFor();
}

/** Lets another role answer the question, beside administrators. */
export async function letAnswer(page: Page, role: string): Promise<void> {
  await turnTo(page, 'Workflows');
  await page.getByRole('main').getByRole('link', { name: 'Approve a contract' }).click();
  await button(page, /^Ask a person, ask/).click();
  const roles = settings(page).getByRole('combobox', { name: 'Roles', exact: true });
  await button(settings(page), 'Administrator').waitFor();
  await roles.click();
  await page.getByRole('option', { name: role, exact: true }).click();
}

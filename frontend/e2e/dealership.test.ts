import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, shoot, startBrowser, visit, type Visit } from './browser';
import { letAnswer, makeAddCar, makeAppoint, makeApproval, makeContract, makeImport, makeSpecialistFlow } from './dealership/flows';
import { carFields, goStudio, makeModel, newComponent, openComponent, specialistFields } from './dealership/model';
import { makeCarPages, makeSalesPage, makeSpecialistPages, showTo } from './dealership/pages';
import { addRule, auditor, clerk, goAccess, invite, join, letOpen, letRun, makeRole, signIn, specialist } from './dealership/people';
import { addSpecialist, appoint, appsOf, expectCars, loadCars, openPage, row } from './dealership/work';
import { addPage, button, expectNoProblems, plan, publishNow, saved, setUp, turnTo } from './gestures';
import { type Platform, startPlatform } from './platform';

// The dealership app, made from nothing by mouse and keyboard alone, and what three roles see of it.

let platform: Platform;
let browser: Browser;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

async function seen(page: Page, name: string): Promise<void> {
  await expect.poll(() => page.getByRole('grid').getByRole('progressbar').count(), { timeout: 10_000 }).toBe(0); // it reads anew what has changed
  await expectAccessible(page);
  await shoot(page, `dealership-${name}`);
}

async function publish(page: Page, component: string, along?: string): Promise<void> {
  await expectNoProblems(page);
  await plan(page, component);
  if (along !== undefined) await page.getByRole('checkbox', { name: along }).check();
  await seen(page, 'plan');
  await publishNow(page);
}

async function makeApp({ page }: Visit): Promise<void> {
  await setUp(page, platform);
  await newComponent(page, 'Transaction Specialists', 'The people who close contracts.');
  await makeModel(page, specialistFields);
  await makeSpecialistFlow(page);
  await seen(page, 'specialist-flow');
  await makeSpecialistPages(page);
  await seen(page, 'specialists');
  await turnTo(page, 'Pages');
  await letOpen(page, 'Add a specialist', ['Administrator']);
  await publish(page, 'Transaction Specialists');

  await newComponent(page, 'Managers Grid', 'The cars that have a manager.');
  await addPage(page, 'Cars to sell'); // a dataflow of the cars leads there
  await saved(page);
  await newComponent(page, 'Car Fleet', 'All cars, with the manager who is in charge of each.');
  await makeModel(page, carFields);
  await seen(page, 'car-model');
  await makeAddCar(page);
  await seen(page, 'flow-add');
  await makeImport(page);
  await seen(page, 'flow-import');
  await makeAppoint(page);
  await seen(page, 'flow-appoint');
  await makeContract(page);
  await seen(page, 'flow-contract');
  await makeApproval(page);
  await seen(page, 'workflow');
  await makeCarPages(page);
  await seen(page, 'cars');
  await saved(page);

  await openComponent(page, 'Managers Grid');
  await turnTo(page, 'Pages');
  await page.getByRole('link', { name: 'Cars to sell' }).click();
  await makeSalesPage(page);
  await seen(page, 'sales');
  await expectNoProblems(page);

  // Both refer to each other, so neither can go live without the other.
  await openComponent(page, 'Car Fleet');
  await publish(page, 'Car Fleet', 'Managers Grid');
  await seen(page, 'published');
}

/** What it begins with: two specialists typed in, five cars of a file. */
async function fillApp({ page }: Visit): Promise<void> {
  await goStudio(page);
  await openPage(page, 'Transaction Specialists', 'Specialists');
  await addSpecialist(page, 'Mara Lindt');
  await addSpecialist(page, 'Jonas Becker');
  await openPage(page, 'Car Fleet', 'Load cars');
  await loadCars(page);
  await seen(page, 'loaded');
  await openPage(page, 'Car Fleet', 'All cars');
  await expectCars(page, [1, 2, 3, 4, 5]);
  await seen(page, 'all-cars');
}

async function openToRoles({ page }: Visit): Promise<void> {
  await goAccess(page, 'Roles');
  for (const role of [clerk, specialist, auditor]) await makeRole(page, role);
  await seen(page, 'roles');
  await goAccess(page, 'Users');
  const links = [];
  for (const role of [clerk, specialist, auditor]) links.push(await invite(page, role));
  await seen(page, 'users');
  for (const [at, role] of [clerk, specialist, auditor].entries()) {
    const guest = await visit(browser, platform.url);
    await join(guest, links[at] ?? '', role);
    expect(guest.problems).toEqual([]);
    await guest.page.context().close();
  }

  await openComponent(page, 'Car Fleet');
  await turnTo(page, 'Pages');
  for (const title of ['Cars without a manager', 'Add a car', 'Appoint a manager', 'Load cars']) await letOpen(page, title, [clerk.name]);
  await letOpen(page, 'Enter into a contract', [specialist.name]);
  await seen(page, 'page-roles');
  await page.getByRole('link', { name: 'All cars' }).click();
  await showTo(page, 'Load cars', clerk.name);
  await letRun(page, 'Load cars from a file', clerk.name);
  await letAnswer(page, specialist.name);
  await addRule(page, 1, clerk.name, ['Read', 'Create', 'Change'], 'entry.is_archieved != true');
  await addRule(page, 2, specialist.name, ['Read', 'Change'], 'entry.is_manager_exists == true');
  await addRule(page, 3, auditor.name, ['Read']);
  await seen(page, 'rules');
  await saved(page);
  await openComponent(page, 'Managers Grid');
  await turnTo(page, 'Pages');
  await letOpen(page, 'Cars to sell', [specialist.name]);
  await publish(page, 'Managers Grid', 'Car Fleet');
}

/** Signs in in a window of their own. */
async function enter(role: typeof clerk): Promise<Visit> {
  const guest = await visit(browser, platform.url);
  guest.page.setDefaultTimeout(30_000);
  await signIn(guest, role);
  return guest;
}

const places = (page: Page) => page.getByRole('navigation', { name: 'Navigation' }).getByRole('link').allTextContents();

/** An address that somebody may not open looks like one that is not there. */
async function expectClosed(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('heading', { name: 'This page cannot be opened' }).waitFor();
}

/** The names of the specialists are for everyone. */
const names = { 'Transaction Specialists': ['Specialists'] };

/** The clerk appoints managers and adds a car. */
async function workAsClerk(): Promise<void> {
  const { page, problems } = await enter(clerk);
  expect(await places(page)).toEqual(['Workplace', 'Tasks', 'Files']);
  expect(await appsOf(page)).toEqual({ 'Car Fleet': ['Cars without a manager', 'Add a car', 'Load cars', 'All cars'], ...names });
  await seen(page, 'clerk');
  await openPage(page, 'Car Fleet', 'Cars without a manager');
  await expectCars(page, [1, 2, 3, 4, 5]);
  await appoint(page, 'VIN000001', 'Mara Lindt');
  await appoint(page, 'VIN000002', 'Jonas Becker');
  await button(page, 'Add').click();
  for (const [label, value] of [['VIN', 'VIN000006'], ['Brand', 'Mazda'], ['Year', '1971'], ['Price', '8000']] as const) await page.getByRole('textbox', { name: label }).fill(value);
  await button(page, 'Save').click();
  await expectCars(page, [3, 4, 5, 6]);
  await seen(page, 'clerk-cars');
  await openPage(page, 'Car Fleet', 'All cars');
  await expectCars(page, [1, 2, 3, 4, 5, 6]);
  await button(page, 'Load cars').waitFor();
  await seen(page, 'clerk-all');
  for (const address of ['/work/car_fleet/enter_into_a_contract', '/work/managers_grid/cars_to_sell']) await expectClosed(page, address);
  expect(problems).toEqual([]);
}

/** The specialist sells what has a manager, with and without approval. */
async function workAsSpecialist(): Promise<void> {
  const { page, problems } = await enter(specialist);
  expect(await places(page)).toEqual(['Workplace', 'Tasks']);
  expect(await appsOf(page)).toEqual({ 'Car Fleet': ['Enter into a contract', 'All cars'], 'Managers Grid': ['Cars to sell'], ...names });
  await seen(page, 'specialist');
  await openPage(page, 'Car Fleet', 'All cars');
  await expectCars(page, [1, 2]);
  expect(await button(page, 'Load cars').count()).toBe(0);
  await openPage(page, 'Managers Grid', 'Cars to sell');
  await row(page, 'VIN000001').getByText('Mara Lindt').waitFor();
  await expectCars(page, [1, 2]);
  await seen(page, 'specialist-cars');

  await row(page, 'VIN000001').click();
  await page.getByText('Chevrolet chevelle malibu').waitFor();
  await seen(page, 'contract');
  await button(page, 'Sign').click();
  await page.getByRole('heading', { name: 'Cars to sell' }).waitFor(); // the dataflow leads back
  await expectCars(page, [2]);

  await row(page, 'VIN000002').click();
  await button(page, 'Ask for approval').click();
  await page.getByText(/^(Started\.|New task)/).first().waitFor(); // the notice of the task may be the faster one
  await page.getByRole('navigation', { name: 'Navigation' }).getByRole('link', { name: 'Tasks' }).click();
  await page.getByRole('link', { name: 'Sell car VIN000002?' }).click();
  await seen(page, 'task');
  await button(page, 'Yes, sell it').click();
  await page.getByRole('article', { name: 'Sell car VIN000002?' }).getByRole('alert').getByText('Yes, sell it').waitFor();
  await openPage(page, 'Managers Grid', 'Cars to sell');
  await expect.poll(async () => {
    await button(page, 'Load again').click();
    return page.getByText('Nothing here yet').isVisible();
  }).toBe(true);
  await page.mouse.move(600, 700); // away from the tooltip
  await seen(page, 'sold');
  for (const address of ['/work/car_fleet/cars_without_a_manager', '/work/transaction_specialists/add_a_specialist']) await expectClosed(page, address);
  expect(problems).toEqual([]);
}

/** The auditor sees everything and touches nothing. */
async function lookAsAuditor(): Promise<void> {
  const { page, problems } = await enter(auditor);
  expect(await places(page)).toEqual(['Workplace', 'Tasks']);
  expect(await appsOf(page)).toEqual({ 'Car Fleet': ['All cars'], ...names });
  await openPage(page, 'Car Fleet', 'All cars');
  await expectCars(page, [1, 2, 3, 4, 5, 6]);
  await row(page, 'VIN000002').getByRole('img', { name: 'Yes' }).waitFor();
  expect(await page.getByRole('main').getByRole('button', { name: /Add|Load cars|Save/ }).count()).toBe(0);
  await seen(page, 'auditor');
  for (const address of ['/work/car_fleet/load_cars', '/work/managers_grid/cars_to_sell']) await expectClosed(page, address);
  expect(problems).toEqual([]);

  const clara = await enter(clerk);
  await openPage(clara.page, 'Car Fleet', 'All cars');
  await expectCars(clara.page, [3, 4, 5, 6]); // what is sold is not for the clerk
}

it('makes the dealership app from nothing, and three roles see three things of it', async () => {
  const ada = await visit(browser, platform.url, { viewport: { width: 1440, height: 900 } });
  ada.page.setDefaultTimeout(30_000);
  await makeApp(ada);
  await fillApp(ada);
  await openToRoles(ada);
  expect(ada.problems).toEqual([]);
  await workAsClerk();
  await workAsSpecialist();
  await lookAsAuditor();
}, 600_000);

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, shoot, startBrowser, visit, type Visit } from './browser';
import { call } from './calls';
import { codes, makeGear } from './gear';
import { button, setUp } from './gestures';
import { type Platform, startPlatform } from './platform';

// Every control that people type into, every action of a button, and the grid, as they are used in the Workplace.

let platform: Platform;
let browser: Browser;
let v: Visit;
let ids: ReadonlyMap<string, string>;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
  v = await visit(browser, platform.url, { timezoneId: 'Europe/Berlin' });
  v.page.setDefaultTimeout(15_000);
  await setUp(v.page, platform);
  ids = await makeGear(v.page);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

const rowOf = (page: Page, code: string) => page.getByRole('row').filter({ has: page.getByRole('gridcell', { name: code, exact: true }) });
const tell = (page: Page, text: string) => page.getByRole('alert').filter({ hasText: text }).first().waitFor();
const entryOf = async (code: string) => (await call<{ fields: Record<string, unknown> }>(v.page, 'GET', `/v1/components/gear/entries/${ids.get(code)}`)).fields;

async function expectCodes(page: Page, wanted: readonly string[]): Promise<void> {
  await expect.poll(() => page.getByRole('gridcell', { name: /^[A-Z]-\d+$/ }).allTextContents(), { timeout: 10_000 }).toEqual(wanted);
}

it('a grid is filtered, ordered and paged by the server, and stays where it is when others write', async () => {
  const { page, problems } = v;
  await page.goto('/work/gear/list');
  await rowOf(page, 'T-01').waitFor();
  await page.getByText('1–10 of 25').waitFor();
  await page.getByRole('columnheader', { name: 'Total' }).click();
  await page.getByRole('columnheader', { name: 'Total' }).click();
  const falling = [...codes].reverse();
  await expectCodes(page, falling.slice(0, 10));
  await button(page, 'Go to next page').click();
  await expectCodes(page, falling.slice(10, 20));
  for (const code of ['T-15', 'T-12']) await rowOf(page, code).getByRole('checkbox').check();
  await button(page, 'Finish (2)').waitFor();

  await call(page, 'PATCH', `/v1/components/gear/entries/${ids.get('T-11')}?updateMask=fields.state`, { fields: { state: 1 } });
  await rowOf(page, 'T-11').getByText('Done').waitFor();
  await expectCodes(page, falling.slice(10, 20));
  await page.getByText('11–20 of 25').waitFor();
  for (const code of ['T-15', 'T-12']) expect(await rowOf(page, code).getByRole('checkbox').isChecked()).toBe(true);

  await button(page, 'Finish (2)').click();
  for (const code of ['T-15', 'T-12']) await rowOf(page, code).getByText('Done').waitFor();
  await expectCodes(page, falling.slice(10, 20));
  await expectAccessible(page);
  await shoot(page, 'controls-grid');

  await button(page, 'Filter').click();
  const filter = page.getByRole('dialog', { name: 'Filter' });
  await filter.getByLabel('Value').fill('T-1');
  await expectCodes(page, falling.filter((code) => code.startsWith('T-1')));
  await page.getByText('1–10 of 10').waitFor();
  await page.goto('/work/gear/list');
  await rowOf(page, 'T-01').waitFor();
  await page.getByRole('textbox', { name: 'Search' }).fill('T-2');
  await expectCodes(page, ['T-20', 'T-21', 'T-22', 'T-23', 'T-24', 'T-25']);
  expect(problems).toEqual([]);
});

/** Days of the rows T-21 to T-25; the last has none of it all. */
const marked = { 'T-21': { state: 1, active: true, day: '2026-03-01' }, 'T-22': { state: 1, active: false, day: '2026-03-02' }, 'T-23': { active: true, day: '2026-03-03' }, 'T-24': { day: '2026-03-02' } };

it('a grid is filtered by a choice, by yes or no, and by a day', async () => {
  const { page, problems } = v;
  for (const [code, fields] of Object.entries(marked)) {
    // Berlin is an hour ahead of UTC then: its day begins at 23:00 the day before.
    const at = { 'T-21': '2026-03-01T22:59:59Z', 'T-22': '2026-03-01T23:00:00Z', 'T-23': '2026-03-02T22:59:59Z', 'T-24': '2026-03-02T23:00:00Z' }[code];
    const all = { ...fields, at };
    const mask = Object.keys(all).map((name) => `fields.${name}`).join(',');
    await call(page, 'PATCH', `/v1/components/gear/entries/${ids.get(code)}?updateMask=${mask}`, { fields: all });
  }
  await page.goto('/work/gear/kinds');
  await rowOf(page, 'T-01').waitFor();
  await button(page, 'Filter').click();
  const filter = page.getByRole('dialog', { name: 'Filter' });
  const pick = async (label: string, option: string) => {
    await filter.getByRole('combobox', { name: label }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  const all = codes.slice(0, 10);

  await pick('Column', 'State');
  await expectCodes(page, all);
  await pick('Value', 'Done');
  await expectCodes(page, ['T-12', 'T-15', 'T-21', 'T-22', 'T-11'].sort());
  await pick('Operator', 'is not');
  await expectCodes(page, codes.filter((code) => !['T-11', 'T-12', 'T-15', 'T-21', 'T-22'].includes(code)).slice(0, 10));
  await shoot(page, 'controls-filter-choice');

  await pick('Column', 'Active');
  await pick('Value', 'Yes');
  await expectCodes(page, ['T-21', 'T-23']);
  await pick('Value', 'No');
  await expectCodes(page, ['T-22']);
  await shoot(page, 'controls-filter-boolean');

  for (const [column, is, after] of [['Day', ['T-22', 'T-24'], ['T-23']], ['At', ['T-22', 'T-23'], ['T-24']]] as const) {
    await pick('Column', column);
    await pick('Operator', 'is');
    await filter.getByLabel('Value').fill('2026-03-02');
    await expectCodes(page, is);
    await shoot(page, `controls-filter-${column}`);
    await pick('Operator', 'is after');
    await expectCodes(page, after);
    await pick('Operator', 'is on or before');
    await expectCodes(page, ['T-21', ...is]);
  }
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByText('1–3 of 3').waitFor();
  expect(problems).toEqual([]);
});

it('commands of a row are about that row, and do not open it', async () => {
  const { page, problems } = v;
  await page.goto('/work/gear/list');
  await button(rowOf(page, 'T-01'), 'Finish it').click();
  const question = page.getByRole('dialog');
  await question.getByText('Is it really finished?').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(1);
  await button(question, 'Go on').click();
  await rowOf(page, 'T-01').getByText('Done').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  // What is finished cannot be finished again, says the button's expression.
  await expect.poll(() => button(rowOf(page, 'T-01'), 'Finish it').isDisabled()).toBe(true);
  expect(await button(rowOf(page, 'T-03'), 'Finish it').isEnabled()).toBe(true);
  await button(rowOf(page, 'T-02'), 'Remove it').click();
  await button(page.getByRole('dialog', { name: 'Delete this record?' }), 'Delete').click();
  await rowOf(page, 'T-02').waitFor({ state: 'detached' });
  await page.getByText('1–10 of 24').waitFor();

  // The row itself opens at the side, about its entry.
  await rowOf(page, 'T-03').getByRole('gridcell', { name: 'T-03' }).click();
  const side = page.getByRole('dialog', { name: 'Details' });
  await expect.poll(() => side.getByRole('textbox', { name: 'Code' }).inputValue()).toBe('T-03');
  await expectAccessible(page);
  await shoot(page, 'controls-sidebar');
  await side.getByRole('textbox', { name: 'Notes' }).fill('from the side');
  await page.keyboard.press('Escape');
  await button(page.getByRole('dialog', { name: 'Leave without saving?' }), 'Cancel').click();
  await button(side, 'Save').click();
  await side.waitFor({ state: 'detached' });
  expect(await entryOf('T-03')).toMatchObject({ notes: 'from the side', total: '3' });

  await page.goto('/work/gear/one');
  for (const code of ['T-04', 'T-05']) await rowOf(page, code).getByRole('checkbox').check();
  expect(await rowOf(page, 'T-04').getByRole('checkbox').isChecked()).toBe(false);
  await button(page, 'Edit it (1)').click();
  await page.waitForURL(`**/work/gear/form?entry=${ids.get('T-05')}`);
  expect(problems).toEqual([]);
});

it('a button does what it says', async () => {
  const { page, problems } = v;
  const entry = ids.get('T-06') ?? '';
  const acts = `/work/gear/acts?entry=${entry}`;
  const at = async (label: string) => {
    await page.goto(acts);
    await button(page, label).click();
  };
  await at('Modal');
  const note = page.getByRole('dialog', { name: 'Note' });
  await note.getByText('Hello button').waitFor();
  await expectAccessible(page);
  await shoot(page, 'controls-modal');
  await button(note, 'Understood').click();
  await note.waitFor({ state: 'detached' });

  await button(page, 'Sidebar').click();
  const side = page.getByRole('dialog', { name: 'Details' });
  await expect.poll(() => side.getByRole('textbox', { name: 'Code' }).inputValue()).toBe('T-06');
  await button(side, 'Leave').click();
  await side.waitFor({ state: 'detached' });

  await button(page, 'Flow').click();
  await note.getByText('Hello Ada').waitFor();
  await button(note, 'Close').click();
  const fetched = page.waitForEvent('download');
  await button(page, 'File').click();
  expect((await fetched).suggestedFilename()).toBe('plan.txt');
  await button(page, 'Workflow').click();
  await tell(page, 'Started.');
  await expect.poll(async () => (await call<{ tasks?: { entry: string }[] }>(page, 'GET', '/v1/tasks?state=TASK_STATE_OPEN')).tasks?.map((one) => one.entry)).toEqual([entry]);

  await button(page, 'Page').click();
  await page.waitForURL('**/work/gear/one');
  await page.goBack();
  await button(page, 'New').click();
  await page.waitForURL('**/work/gear/form');
  await expect.poll(() => page.getByRole('textbox', { name: 'Code' }).inputValue()).toBe('N-1');
  await button(page, 'Save').click(); // a form goes back when it is done
  await page.waitForURL(`**${acts}`);
  await button(page, 'Component').click();
  await page.waitForURL('**/work/person/people');
  await page.getByRole('gridcell', { name: 'Grace Hopper' }).waitFor();
  for (const label of ['Back', 'Close']) {
    await at(label); // nothing was before it: back is where the app begins
    await page.waitForURL('**/work/gear/list');
  }
  await page.goto(`/work/gear/acts?entry=${ids.get('T-07')}`);
  await button(page, 'Delete').click();
  await button(page.getByRole('dialog', { name: 'Delete this record?' }), 'Delete').click();
  await page.waitForURL('**/work/gear/list');
  await rowOf(page, 'T-08').waitFor();
  expect(await rowOf(page, 'T-07').count()).toBe(0);
  expect(problems).toEqual([]);
});

it('a script fills in, blames, leads on and opens', async () => {
  const { page, problems } = v;
  await page.goto(`/work/gear/form?entry=${ids.get('T-08')}`);
  const code = page.getByRole('textbox', { name: 'Code' });
  await button(page, 'Look up').click();
  const note = page.getByRole('dialog', { name: 'Note' });
  await note.getByText('Hello T-08').waitFor();
  await page.getByText('Looked up').waitFor();
  await button(note, 'Understood').click();
  expect(await page.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe('by script');
  expect(await page.getByRole('textbox', { name: 'Total' }).inputValue()).toBe('7.50');
  await code.fill('bad');
  await button(page, 'Look up').click();
  await page.getByText('Not this code').waitFor();
  expect(await code.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => code.evaluate((one) => one === document.activeElement)).toBe(true);
  await code.fill('go');
  await button(page, 'Look up').click();
  await button(page.getByRole('dialog', { name: 'Leave without saving?' }), 'Leave').click();
  await page.waitForURL('**/work/gear/one');
  expect(problems).toEqual([]);
});

async function chooseIn(page: Page, name: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name }).click();
  await page.getByRole('option', { name: option }).click();
}

it('everything that is typed is stored, and stands there again', async () => {
  const german = await visit(browser, platform.url, { locale: 'de-DE', timezoneId: 'Europe/Berlin', storageState: await v.page.context().storageState() });
  const { page, problems } = german;
  page.setDefaultTimeout(15_000);
  const address = `/work/gear/form?entry=${ids.get('T-09')}`;
  await page.goto(address);
  const box = (name: string) => page.getByRole('textbox', { name });
  await box('Total').fill('zwei');
  await box('Total').blur();
  await page.locator('[aria-invalid=true]').waitFor();
  await box('Total').fill('1.234,5');
  await chooseIn(page, 'State', 'Done');
  await page.getByRole('combobox', { name: 'Owner' }).fill('grace');
  await page.getByRole('option', { name: 'Grace Hopper' }).click();
  await page.getByLabel('Day').fill('2026-02-28');
  await page.getByLabel('At', { exact: true }).fill('2026-07-01T12:30');
  await page.getByRole('checkbox', { name: 'Active' }).check();
  await page.getByRole('switch', { name: 'Urgent' }).check();
  await box('Notes').fill('first line\nsecond line');
  await expectAccessible(page);
  await shoot(page, 'controls-german');
  await button(page, 'Save').click();
  await tell(page, 'Erledigt.');
  expect(await entryOf('T-09')).toMatchObject({
    total: '1234.5', state: 1, day: '2026-02-28', at: '2026-07-01T10:30:00Z', active: true, urgent: true, notes: 'first line\nsecond line',
  });
  await page.goto(address);
  await expect.poll(() => box('Total').inputValue()).toBe('1234,50');
  await expect.poll(() => page.getByRole('combobox', { name: 'Owner' }).inputValue()).toContain('Grace Hopper');
  expect(await page.getByLabel('At', { exact: true }).inputValue()).toBe('2026-07-01T12:30');
  expect(await box('Notes').inputValue()).toBe('first line\nsecond line');
  expect(problems).toEqual([]);
  await page.context().close();
});

const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGPwCLiBFTEMLQkAztVcARDn9E8AAAAASUVORK5CYII=', 'base64');
const text = (name: string, content: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });

it('files are sent, replaced, fetched and taken away; pictures are seen', async () => {
  const { page, problems } = v;
  const address = `/work/gear/form?entry=${ids.get('T-10')}`;
  const open = async (): Promise<Locator> => {
    await page.goto(address);
    await page.getByRole('tab', { name: 'Files' }).click();
    return page.getByRole('group', { name: 'Papers' });
  };
  const give = (name: string, file: ReturnType<typeof text>) => page.locator(`[data-name=${name}] input[type=file]`).setInputFiles(file);
  let papers = await open();
  await give('papers', text('long.txt', 'x'.repeat(1001)));
  await tell(page, 'long.txt: The file is too large');
  await give('papers', text('one.txt', 'one'));
  await papers.getByRole('link', { name: 'one.txt' }).waitFor();
  await give('papers', text('two.txt', 'two'));
  await papers.getByRole('link', { name: 'two.txt' }).waitFor();
  await give('picture', { name: 'square.png', mimeType: 'image/png', buffer: pixel });
  const picture = page.getByRole('img', { name: 'Picture of T-10' });
  await expect.poll(() => picture.evaluate((one) => (one instanceof HTMLImageElement ? one.naturalWidth : 0))).toBe(8);
  await expectAccessible(page);
  await shoot(page, 'controls-files');
  await button(page, 'Save').click();
  await tell(page, 'Done.');

  papers = await open();
  const fetched = page.waitForEvent('download');
  await papers.getByRole('link', { name: 'two.txt' }).click();
  expect((await fetched).suggestedFilename()).toBe('two.txt');
  await button(papers, 'Remove the file').click();
  await button(papers, 'Choose a file').waitFor();
  await button(page, 'Save').click();
  await tell(page, 'Done.');
  await expect.poll(async () => (await entryOf('T-10')).papers ?? null).toBe(null);
  expect((await entryOf('T-10')).picture).toBeTruthy();
  expect(problems).toEqual([]);
});

it('a page that asks itself does not ask twice beside its task', async () => {
  const { page, problems } = v;
  const entry = ids.get('T-06') ?? '';
  await page.goto('/work/tasks');
  await page.getByRole('link', { name: /Is it right\?/ }).click();
  await expect.poll(() => page.getByRole('textbox', { name: 'Code' }).inputValue()).toBe('T-06');
  expect(await page.getByRole('button', { name: 'It is', exact: true }).count()).toBe(1);
  expect(await page.getByText('Nothing to answer').count()).toBe(0);

  await page.goto(`/work/gear/asked?entry=${entry}`);
  const question = page.getByRole('region', { name: 'Is it right?' });
  await question.getByRole('textbox', { name: 'Comment' }).fill('looks good');
  await button(question, 'It is').click();
  await page.getByText('Nothing to answer').waitFor();
  expect(problems).toEqual([]);
});

import { writeFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBrowser, visit, type Visit } from '../e2e/browser';
import { saved } from '../e2e/gestures';
import { type Platform, startPlatform } from '../e2e/platform';
import { component, perPanel } from './fixture';
import { framesDuring, keysDuring, listenToKeys, type Times, timesOf } from './measure';

// How quick the editor of pages is with a thousand controls. Numbers are kept, and never judged: that is for people who know the machine.

/** Row is a line of the report. */
interface Row extends Times {
  name: string;
  /** For the median, in ms. */
  goal?: number;
}

const rows: Row[] = [];
let platform: Platform | undefined;
let browser: Browser;
let v: Visit;

const controls = component.pages[0]?.document.nodes ?? {};
const total = Object.keys(controls).length;

beforeAll(async () => {
  if (process.env.AQTRA_URL === undefined) platform = await startPlatform();
  browser = await startBrowser();
  v = await visit(browser, process.env.AQTRA_URL ?? platform?.url ?? '', { viewport: { width: 1440, height: 900 } });
  await listenToKeys(v.page);
  const name = `web${Date.now()}`;
  await post('/v1/tenants:signUp', { tenantName: name, email: `${name}@example.com`, password: 'correct horse battery', displayName: 'Ada' });
  await post('/v1/components', component);
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
  const file = process.env.AQTRA_BENCH_RESULTS;
  if (file !== undefined) writeFileSync(file, JSON.stringify(rows));
  for (const { name, p50, p95, mean, count } of rows) {
    process.stderr.write(`${name}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, mean ${mean.toFixed(1)} ms, ${count} times\n`);
  }
});

/** Calls the API with the cookie of the window. */
async function post(path: string, data: unknown): Promise<{ id?: string; state?: string }> {
  const answer = await v.page.context().request.post(path, { data });
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as { id?: string; state?: string };
}

/** Keeps a line of the report. Times of frames are shared by idle ones, so their p95 and mean tell more than the median. */
function keep(name: string, times: readonly number[], goal?: number): void {
  rows.push({ name, ...timesOf(times), ...(goal !== undefined && { goal }) });
}

const canvas = (page: Page) => page.getByRole('group', { name: 'Canvas' });

/** Waits for the page of the editor to be drawn whole, and tells how long that took from the start of the visit. */
async function drawn(page: Page, nodes: number): Promise<number> {
  const time = await page.waitForFunction((wanted) => document.querySelectorAll('[data-node]').length === wanted && performance.now(), nodes, { polling: 'raf' });
  return Number(await time.jsonValue());
}

type Box = { x: number; y: number; width: number; height: number };

async function boxOf(of: Locator): Promise<Box> {
  const box = await of.boundingBox();
  if (box === null) throw new Error('it is not on the screen');
  return box;
}

/** Moves the mouse over the canvas as a person does: up and down, with a few moves for each frame. */
async function wander(page: Page, { x, y, width }: Box): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const part = (i % 60) / 60;
    await page.mouse.move(x + width * (0.1 + 0.8 * part), y + 120 + 500 * Math.abs(2 * ((i / 150) % 1) - 1));
  }
}

/** Frame times while a tile of the palette is dragged over the canvas. */
async function dragging(page: Page): Promise<number[]> {
  const tile = await boxOf(page.getByRole('group', { name: 'Display' }).getByRole('button').first());
  const over = await boxOf(canvas(page));
  await page.mouse.move(tile.x + 20, tile.y + 10);
  await page.mouse.down();
  await page.mouse.move(over.x + 200, over.y + 200, { steps: 5 });
  const times = await framesDuring(page, () => wander(page, over));
  await page.mouse.move(tile.x + 20, tile.y + 10);
  await page.mouse.up();
  return times;
}

it('opens', { timeout: 180_000 }, async () => {
  const { page } = v;
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await page.goto('/studio/bench_web/pages/big');
    times.push(await drawn(page, total));
  }
  keep('Studio: open a page of 1,000 controls', times);
});

it('is pointed at and dragged over', { timeout: 180_000 }, async () => {
  const { page } = v;
  await page.goto('/studio/bench_web/pages/none');
  await drawn(page, 1);
  keep('Studio: a frame while dragging over an empty page', await dragging(page));
  await page.goto('/studio/bench_web/pages/big');
  await drawn(page, total);
  const over = await boxOf(canvas(page));
  keep('Studio: a frame while the mouse moves over 1,000 controls', await framesDuring(page, () => wander(page, over)), 20);
  keep('Studio: a frame while dragging over 1,000 controls', await dragging(page), 20);
  expect(await page.locator('[data-node]').count()).toBe(total); // it was not dropped
});

it('is typed in', { timeout: 180_000 }, async () => {
  const { page } = v;
  await page.locator('[data-node=n11]').scrollIntoViewIfNeeded();
  const { x, y, width, height } = await boxOf(page.locator('[data-node=n11]'));
  await page.mouse.click(x + width / 2, y + height / 2);
  const text = page.getByRole('complementary', { name: 'Settings' }).getByLabel('Text', { exact: true });
  await text.fill('');
  keep(
    'Studio: from a key in a setting to the frame, among 1,000 controls',
    await keysDuring(page, () => page.keyboard.type('The quick brown fox jumps over the lazy dog', { delay: 60 })),
    50,
  );
  await canvas(page).getByText('The quick brown fox jumps over the lazy dog').waitFor();
});

it('is pasted into, and that is undone', { timeout: 180_000 }, async () => {
  const { page } = v;
  const press = async (key: string, nodes: number) => {
    const times = await keysDuring(page, async () => {
      await page.keyboard.press(key);
      await drawn(page, nodes);
      await page.waitForFunction(() => (window.benchKeys ?? []).length > 1);
    });
    await page.waitForTimeout(500);
    return times.at(-1) ?? 0;
  };
  const pasted: number[] = [];
  const undone: number[] = [];
  const { x, y } = await boxOf(page.locator('[data-node=p0]'));
  await page.mouse.click(x + 30, y + 4); // the heading of the panel
  await page.keyboard.press('Control+c');
  for (let i = 0; i < 5; i++) {
    pasted.push(await press('Control+v', total + perPanel + 1));
    undone.push(await press('Control+z', total));
  }
  keep(`Studio: paste of ${perPanel + 1} controls onto a page of 1,000`, pasted);
  keep(`Studio: undo of a paste of ${perPanel + 1} controls`, undone);
});

it('is used', { timeout: 180_000 }, async () => {
  const { page } = v;
  await saved(page);
  const { id = '' } = await post('/v1/publications', {});
  await expect
    .poll(async () => (await (await page.context().request.get(`/v1/publications/${id}`)).json()) as { state: string }, { timeout: 60_000 })
    .toMatchObject({ state: 'PUBLICATION_STATE_SUCCEEDED' });
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    await page.goto('/work/bench_web/big');
    times.push(await drawn(page, total));
  }
  keep('Workplace: open a page of 1,000 controls', times);
  const field = page.getByLabel('Title').first();
  await field.fill('');
  keep('Workplace: from a key in a field to the frame, 100 controls show the field', await keysDuring(page, () => page.keyboard.type('The quick brown fox', { delay: 100 })));
});

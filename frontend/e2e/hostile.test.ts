import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '@/values/json';
import type { PropSpec } from '@/controls/contract';
import { allControls } from '../src/controls/registry';
import { shoot, startBrowser, visit, type Visit } from './browser';
import { call, publish } from './calls';
import { button, setUp } from './gestures';
import { type Platform, startPlatform } from './platform';

// Texts that were written to do harm, wherever a text can stand: they are shown as what they are, and run nothing.

const texts = {
  markup: `"><img src=x onerror="window.hacked=1"><script>window.hacked=2</script><svg onload=window.hacked=3>`,
  template: `{{constructor.constructor('window.hacked=4')()}} \${window.hacked=5} $t(ui:cancel) {{name}} <%= 7*7 %>`,
  address: 'javascript:window.hacked=6//',
  turned: 'bill \u202Egpj.exe\u2066 \u0007\u001b[31m\u0085\u200b end',
  long: 'W'.repeat(10_000),
} as const;

type Kind = keyof typeof texts;
const kinds = Object.keys(texts) as readonly Kind[];

/** In a setting; a page has sixty of them. The whole length stands in values and descriptions. */
const setting = (kind: Kind) => texts[kind].slice(0, 1000);

/** Titles are shorter. */
const title = (kind: Kind) => texts[kind].slice(0, 200);

let platform: Platform;
let browser: Browser;
let v: Visit;
const dialogs: string[] = [];

const fields = [
  { name: 'called', type: 'FIELD_TYPE_STRING', isName: true },
  { name: 'text', type: 'FIELD_TYPE_STRING' },
  { name: 'address', type: 'FIELD_TYPE_URI' },
  { name: 'whole', type: 'FIELD_TYPE_INTEGER', integer: { options: kinds.map((kind, i) => ({ value: String(i), label: title(kind) })) } },
  { name: 'number', type: 'FIELD_TYPE_NUMBER' },
  { name: 'yes', type: 'FIELD_TYPE_BOOLEAN' },
  { name: 'day', type: 'FIELD_TYPE_DATE' },
  { name: 'time', type: 'FIELD_TYPE_TIME' },
  { name: 'at', type: 'FIELD_TYPE_DATETIME' },
  { name: 'file', type: 'FIELD_TYPE_FILE' },
  { name: 'other', type: 'FIELD_TYPE_CATALOG', catalog: { component: 'hostile' } },
  { name: 'others', type: 'FIELD_TYPE_ARRAY', array: { component: 'hostile' } },
];

/** A page with every control, whose settings are the text wherever they take one. */
function pageOf(kind: Kind) {
  const nodes: Record<string, unknown> = {};
  const children: string[] = [];
  for (const { type, schema, bind, slots } of allControls.values()) {
    const props: Record<string, Json> = {};
    for (const [name, spec] of Object.entries(schema as Readonly<Record<string, PropSpec>>)) {
      // The server reads these two of a grid, and is asked below.
      if (spec.kind === 'text' && !(type === 'data-grid' && (name === 'filter' || name === 'orderBy'))) props[name] = setting(kind);
    }
    const bound = fields.findLast((field) => bind?.kinds.some((one) => `FIELD_TYPE_${one.toUpperCase()}` === field.type));
    if (bound !== undefined && type !== 'hyperlink' && type !== 'label') props.field = bound.name;
    if (type === 'page') nodes.page = { type, name: title(kind), props, slots: { children } };
    else {
      nodes[type] = { type, name: title(kind), props, slots: {} };
      children.push(type);
    }
    if (slots?.includes('tab1') === true) nodes.inside = { type: 'label', name: 'inside', props: { text: texts[kind] }, slots: {} };
    if (slots?.includes('tab1') === true) nodes[type] = { type, name: title(kind), props, slots: { tab1: ['inside'] } };
  }
  const columns = fields.slice(0, 4).map(({ name }) => ({ field: name, header: texts[kind], sortable: true, filterable: true }));
  Object.assign((nodes['data-grid'] as { props: object }).props, { component: 'hostile', columns: [...columns, { header: texts[kind], command: { label: texts[kind], action: { type: 'close' }, confirm: texts[kind] } }] });
  // What an expression says is text as well.
  nodes.said = { type: 'label', name: 'said', props: { text: { $expr: JSON.stringify(setting(kind)) } }, slots: {} };
  nodes.link = { type: 'hyperlink', name: 'link', props: { field: 'address' }, slots: {} };
  nodes.shown = { type: 'label', name: 'shown', props: { field: 'text' }, slots: {} };
  children.push('said', 'link', 'shown');
  return { id: kind, title: title(kind), document: { root: 'page', nodes } };
}

const literal = (text: string) => `\${ ${JSON.stringify(text)} }`;

const question = (kind: Kind) => ({
  id: kind,
  title: title(kind),
  document: {
    document: { dsl: '1.0.3', namespace: 'hostile', name: kind, version: '1.0.0' },
    evaluate: { language: 'cel' },
    do: [{ ask: { call: 'confirm', with: { title: literal(title(kind)), description: literal(texts[kind].slice(0, 2000)), choices: [{ value: 1, label: literal(title(kind)) }], roles: ['admin'] } } }],
  },
});

const component = {
  id: 'hostile',
  displayName: title('markup'),
  description: texts.long,
  model: { fields: fields.map((field, i) => ({ ...field, title: title(kinds[i % kinds.length] ?? 'markup'), description: texts.template })) },
  pages: kinds.map(pageOf),
  dataflows: kinds.map((kind) => ({
    id: kind, title: title(kind),
    steps: [{ id: 'read', type: 'get-action-model' }, { id: 'answer', type: 'write-response', sources: ['read'] }],
  })),
  workflows: kinds.map(question),
  scripts: kinds.map((kind) => ({ id: kind, title: title(kind), source: `def main(item):\n    return ${JSON.stringify(title(kind)).replaceAll('\\u202e', '')}\n` })),
};

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), startBrowser()]);
  v = await visit(browser, platform.url, { viewport: { width: 1280, height: 900 } });
  const { page } = v;
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await setUp(page, platform);
  await call(page, 'POST', '/v1/components', component);
  for (const kind of kinds.slice(1)) await call(page, 'POST', '/v1/components', { id: `x_${kind}`, displayName: title(kind), description: texts[kind] });
  await publish(page, ['hostile']);
  for (const [i, kind] of kinds.entries()) {
    const values = { called: title(kind), text: texts[kind], whole: i, number: '1.5', ...(kind !== 'address' && { address: 'https://example.com/"><script>' }) };
    const entry = await call<{ id: string }>(page, 'POST', '/v1/components/hostile/entries', { fields: values });
    await call(page, 'POST', `/v1/components/hostile/workflows/${kind}:start`, { entry: entry.id, businessKey: title(kind).slice(0, 100) });
    const name = `${texts[kind].replace(/[/\\]/g, '').slice(0, 180)}.html`;
    const sent = await page.context().request.post(`/v1/files:upload?name=${encodeURIComponent(name)}`, { headers: { 'Content-Type': 'text/html' }, data: Buffer.from(`<script>opener.hacked=7</script>${kind}`) });
    // One that shows as another name than it is, is none.
    expect([sent.status(), kind === 'turned' ? await sent.text() : ''], kind).toEqual(kind === 'turned' ? [400, expect.stringContaining('direction of writing')] : [200, '']);
  }
});

afterAll(async () => {
  await browser?.close();
  await platform?.stop();
});

/** Nothing ran, nothing can be made to run by a click, and nothing is wider than its place. */
async function expectHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const widest = (within: Element) =>
      [...within.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > window.innerWidth && one.children.length === 0).map((one) => `${one.closest('[data-node]')?.getAttribute('data-node')} ${one.tagName}.${one.className}`);
    return {
    hacked: 'hacked' in window,
    elements: [...document.querySelectorAll('img[src=x], svg[onload], [onerror], script:not([src])')].map((one) => one.outerHTML),
    links: [...document.querySelectorAll('a')].filter((one) => one.href !== '' && !/^(https?|mailto|tel):/.test(one.href)).map((one) => one.outerHTML),
    wide: document.documentElement.scrollWidth - window.innerWidth,
    main: [...document.querySelectorAll('main')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => widest(one)),
    failed: [...document.querySelectorAll('[data-node] > [role=alert]')].map((one) => one.textContent?.slice(-200)),
  };});
  expect(found, page.url()).toEqual({ hacked: false, elements: [], links: [], wide: 0, main: [], failed: [] });
  expect(dialogs).toEqual([]);
  expect(v.problems.splice(0)).toEqual([]);
}

const seenOn = async (page: Page, kind: Kind, n = 0) => {
  const shown = page.getByRole('main').getByText(texts[kind].slice(0, 40).trim()).nth(n);
  await shown.waitFor({ state: 'attached' });
};

it.each(kinds)('in the settings of every control, used: %s', async (kind) => {
  const { page } = v;
  await page.goto(`/work/hostile/${kind}`);
  await page.getByRole('grid').waitFor();
  await page.getByRole('row').nth(kinds.length).waitFor();
  await seenOn(page, kind, 3);
  await expectHarmless(page);
  await shoot(page, `hostile-work-${kind}`);
});

it.each(kinds)('in the settings of every control, on the canvas: %s', async (kind) => {
  const { page } = v;
  await page.goto(`/studio/hostile/pages/${kind}`);
  const canvas = page.getByRole('group', { name: 'Canvas' });
  await canvas.locator('[data-node=said]').waitFor();
  await canvas.getByRole('grid', { includeHidden: true }).waitFor();
  await canvas.locator('[data-node=said]').click({ force: true, position: { x: 4, y: 4 } }); // what is inert cannot be clicked itself
  await page.getByRole('complementary', { name: 'Settings' }).waitFor();
  await expectHarmless(page);
  await shoot(page, `hostile-canvas-${kind}`);
});

it.each([
  ['/work', 'markup'],
  ['/work/tasks', 'template'],
  ['/work/runs', 'template'],
  ['/studio', 'turned'],
  ['/studio/hostile', 'long'],
  ['/studio/hostile/model', 'markup'],
  ['/studio/hostile/dataflows', 'template'],
  ['/studio/hostile/dataflows/long', 'long'],
  ['/studio/hostile/workflows/markup', 'markup'],
  ['/studio/hostile/data', 'markup'],
  ['/files', 'markup'],
  ['/publications', undefined],
  ['/access', undefined],
] as const)('as title, cell, file or task: %s', async (path, kind) => {
  const { page } = v;
  await page.goto(path);
  if (kind === undefined) await page.getByRole('heading').first().waitFor();
  else await seenOn(page, kind);
  await expectHarmless(page);
  await shoot(page, `hostile${path.replaceAll('/', '-')}`);
});

it.each(['markup', 'template', 'address', 'long'] as const)('as name of the user: %s', async (kind) => {
  const { page } = v;
  const { user } = await call<{ user: { id: string } }>(page, 'GET', '/v1/sessions/current');
  const rename = (displayName: string) => page.context().request.patch(`/v1/users/${user.id}?updateMask=display_name`, { data: { displayName } });
  expect((await rename(title(kind))).status()).toBe(200);
  const turned = await rename(title('turned'));
  expect([turned.status(), await turned.text()]).toEqual([400, expect.stringContaining('direction of writing')]);
  const account = page.getByRole('button', { name: `Account of ${title(kind)}`, exact: true });
  for (const path of ['/access', '/files', '/work/tasks', '/studio/hostile']) {
    await page.goto(path);
    await account.waitFor();
    if (path === '/access') await seenOn(page, kind);
    await page.getByRole('main').getByRole('progressbar').waitFor({ state: 'detached' });
    await expectHarmless(page);
  }
  await account.click();
  await page.getByRole('menu').getByText(title(kind), { exact: true }).waitFor();
  await expectHarmless(page);
  await shoot(page, `hostile-account-${kind}`);
});

it('in what is asked and told', async () => {
  const { page } = v;
  await page.goto('/work/tasks');
  for (const kind of ['markup', 'long'] as const) {
    await page.getByRole('link').filter({ hasText: texts[kind].slice(0, 40) }).click();
    await button(page.getByRole('article'), title(kind)).waitFor();
    await expectHarmless(page);
    await shoot(page, `hostile-task-${kind}`);
  }
  await button(page.getByRole('article'), title('long')).click();
  await button(page.getByRole('article'), title('long')).waitFor({ state: 'detached' });
  await expectHarmless(page);
});

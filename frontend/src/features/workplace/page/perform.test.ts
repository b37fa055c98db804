import { configureStore } from '@reduxjs/toolkit';
import { beforeEach, expect, it, vi } from 'vitest';
import { api, type Field } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import { answering, type Answer } from '@/controls/input/testing';
import { registry } from '@/controls/registry';
import { control as page } from '@/controls/page';
import { control as textField } from '@/controls/text-field';
import { control as number } from '@/controls/number';
import type { JsonObject } from '@/values/json';
import { FetchedEntries } from './entries';
import { perform, type Stage } from './perform';
import { PageSession } from './session';

const fields: readonly Field[] = [
  { name: 'code', type: 'FIELD_TYPE_STRING', required: true, string: { minLength: 2 } },
  { name: 'total', type: 'FIELD_TYPE_NUMBER' },
  { name: 'hidden', type: 'FIELD_TYPE_STRING', required: true },
];
const document: JsonObject = {
  root: 'page',
  nodes: {
    page: { type: 'page', props: {}, slots: { children: ['code', 'total', 'secret', 'grid'] } },
    code: { type: 'text-field', props: { field: 'code' } },
    total: { type: 'number', props: { field: 'total', required: { $expr: "entry.code == 'must'" } } },
    secret: { type: 'text-field', props: { field: 'hidden', visible: { $expr: 'false' } } },
    grid: { type: 'data-grid', props: { component: 'person' } },
  },
};

let sent: { path: string; body: JsonObject; method: string }[];
let answer: Answer;

beforeEach(() => {
  sent = [];
  answer = () => ({ output: null });
  vi.stubGlobal(
    'fetch',
    answering((url, init) => {
      sent.push({ path: url.pathname + url.search, body: JSON.parse(String(init.body ?? '{}')), method: init.method ?? '' });
      return answer(url, init);
    }),
  );
});

function open(entry?: { id: string; fields: Record<string, string> }, over: Partial<Stage['frame']> = {}): Stage & { told: string[] } {
  const store = configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (defaults) => defaults().concat(api.middleware) });
  const dispatch = store.dispatch as Dispatch;
  const objects = [{ id: 'bill', fields }];
  const told: string[] = [];
  const session = new PageSession({
    component: 'bill', page: { model: { fields: [...fields] }, page: { document } }, entry, params: {}, objects, user: {},
    entries: new FetchedEntries(dispatch, new Map()),
  });
  const frame = {
    go: vi.fn(), goHome: vi.fn(), over: vi.fn(), openFile: vi.fn(), back: vi.fn(), done: vi.fn(() => true), renew: vi.fn(), ...over,
  };
  return {
    component: 'bill', entry: entry?.id, session, controls: registry([page, textField, number]), dispatch, frame, told, showErrors: vi.fn(),
    words: {
      problem: ({ key }) => key, tell: (severity, text) => told.push(`${severity}: ${text}`), done: 'done', started: 'started', checkFields: 'check',
      refused: (count) => `refused ${count}`, unknownCommand: (what) => `unknown ${what}`, error: (error) => error.message,
    },
  };
}

it('sends what the form holds, about the entry, and is done', async () => {
  const stage = open({ id: 'e1', fields: { code: 'ab', total: '1.50' } });
  stage.session.form.write('code', 'cd');
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  expect(sent).toMatchObject([{ path: '/v1/components/bill/dataflows/save:run', body: { input: { code: 'cd', total: '1.5' }, entry: 'e1' } }]);
  expect(stage.told).toEqual(['success: done']);
  expect(stage.frame.done).toHaveBeenCalled();
  expect(stage.session.form.isDirty()).toBe(false);
});

it('checks what can be seen before it asks the server', async () => {
  const stage = open();
  stage.session.form.write('code', 'x');
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  expect(sent).toEqual([]);
  expect(stage.session.form.read('code').errors).toEqual(['tooShort']);
  expect(stage.session.form.read('hidden').errors).toEqual([]);
  stage.session.form.write('code', 'must');
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  expect(stage.session.form.read('total').errors).toEqual(['required']);
  expect(stage.showErrors).toHaveBeenCalledTimes(2);
});

it('shows what the server refuses on its field', async () => {
  answer = () => Response.json({ error: { reason: 'ENTRY_EXISTS', message: 'no', violations: [{ field: 'fields.code', description: 'taken' }] } }, { status: 409 });
  const stage = open();
  stage.session.form.write('code', 'ab');
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  expect(stage.session.form.read('code')).toEqual({ value: 'ab', errors: ['taken'] });
  expect(stage.told).toEqual(['error: check']);
  expect(stage.session.form.isDirty()).toBe(true);
  expect(stage.frame.done).not.toHaveBeenCalled();
});

it('repeats a request whose answer was lost under the same id', async () => {
  answer = () => Response.json({}, { status: 503 });
  const stage = open();
  stage.session.form.write('code', 'ab');
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  answer = () => ({ output: null });
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  await perform(stage, { type: 'run-dataflow', dataflow: 'save' }, 'x');
  const [first, second, third] = sent.map(({ body }) => body.requestId);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

it('does what the dataflow asks for', async () => {
  answer = () => ({ actions: [{ type: 'open-component', params: { component: 'other', page: 'list' } }] });
  const stage = open();
  await perform(stage, { type: 'run-dataflow', dataflow: 'save', input: { a: { $expr: '1 + 1' }, b: ['x'] } }, 'x', { id: 'p1' });
  expect(sent[0]?.body).toMatchObject({ input: { a: 2, b: ['x'] } });
  expect(stage.frame.go).toHaveBeenCalledWith({ component: 'other', page: 'list', entry: undefined, params: {}, returns: false });
  expect(stage.frame.done).not.toHaveBeenCalled();
});

it('obeys a script', async () => {
  answer = () => ({
    output: {
      commands: [
        { type: 'set', fields: { total: '2.50', code: 7, nothing: 1 } },
        { type: 'error', field: 'code', text: 'not this' },
        { type: 'error', text: 'not at all' },
        { type: 'open-modal', page: 'more', params: { by: 'x' } },
        { type: 'format-disk' },
      ],
    },
  });
  const stage = open();
  stage.session.form.write('code', 'ab');
  await perform(stage, { type: 'run-script', script: 'look' }, 'x');
  expect(sent[0]).toMatchObject({ path: '/v1/components/bill/scripts/look:run', body: { input: { code: 'ab' } } });
  expect(stage.session.form.values()).toEqual({ code: 'ab', total: '2.5' });
  expect(stage.session.form.read('code').errors).toEqual(['not this']);
  expect(stage.showErrors).toHaveBeenCalled();
  expect(stage.told).toEqual(['error: unknown set code', 'error: unknown set nothing', 'error: not at all', 'error: unknown format-disk']);
  expect(stage.frame.over).toHaveBeenCalledWith(expect.objectContaining({ page: 'more', params: { by: 'x' } }), 'modal');
});

it('reads the page anew for a script, but not what is typed', async () => {
  answer = () => ({ output: { commands: [{ type: 'refresh' }] } });
  const stage = open({ id: 'e1', fields: { code: 'ab' } });
  await perform(stage, { type: 'run-script', script: 'look' }, 'x');
  expect(stage.frame.renew).toHaveBeenCalledTimes(1);
  stage.session.form.write('code', 'cd');
  await perform(stage, { type: 'run-script', script: 'look' }, 'x');
  expect(stage.frame.renew).toHaveBeenCalledTimes(1);
});

it('opens pages about the right entry', async () => {
  const stage = open({ id: 'e1', fields: { code: 'ab' } });
  const go = vi.mocked(stage.frame.go);
  await perform(stage, { type: 'open-page', page: 'all' }, 'code');
  expect(go).toHaveBeenLastCalledWith(expect.objectContaining({ component: 'bill', page: 'all', entry: undefined, returns: false }));
  await perform(stage, { type: 'edit-record', page: 'edit' }, 'code');
  expect(go).toHaveBeenLastCalledWith(expect.objectContaining({ entry: 'e1', returns: true }));
  await perform(stage, { type: 'open-page', component: 'person', page: 'show' }, 'grid', { id: 'p1' });
  expect(go).toHaveBeenLastCalledWith(expect.objectContaining({ component: 'person', entry: 'p1' }));
  await perform(stage, { type: 'open-page', page: 'show', params: { entry: { $expr: 'entry.id' }, by: 'x' } }, 'grid', { id: 'p1' });
  expect(go).toHaveBeenLastCalledWith(expect.objectContaining({ component: 'bill', entry: 'e1', params: { by: 'x' } }));
  await perform(stage, { type: 'add-record', component: 'person', page: 'add' }, 'grid', { id: 'p1' });
  expect(go).toHaveBeenLastCalledWith(expect.objectContaining({ entry: undefined, returns: true }));
});

it('deletes the row of a grid and the entry of a page', async () => {
  answer = () => ({});
  const stage = open({ id: 'e1', fields: {} });
  await perform(stage, { type: 'delete-record' }, 'grid', { id: 'p1' });
  expect(sent[0]).toMatchObject({ method: 'DELETE', path: expect.stringMatching(/^\/v1\/components\/person\/entries\/p1\?requestId=/) });
  expect(stage.frame.back).not.toHaveBeenCalled();
  await perform(stage, { type: 'delete-record' }, 'code');
  expect(sent[1]?.path).toContain('/bill/entries/e1');
  expect(stage.frame.back).toHaveBeenCalled();
});

it('tells of an expression that has no value', async () => {
  const stage = open();
  await perform(stage, { type: 'open-page', page: 'all', params: { a: { $expr: 'entry.nothing' } } }, 'code');
  expect(stage.told[0]).toMatch(/^error: entry.nothing: /);
  expect(stage.frame.go).not.toHaveBeenCalled();
});

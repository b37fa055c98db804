import { configureStore } from '@reduxjs/toolkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiError, Component } from '@/api';
import { type Answer, type Remote, startAutosave } from './autosave';
import { makeQueue, restore } from './queue';
import { draftActions, draftReducer } from './slice';

const component = 'invoice';
const base: Component = { id: component, etag: '1', displayName: 'Invoice', pages: [{ id: 'all' }] };
const failure = (status: number, reason: string): ApiError => ({ status, reason, message: '', violations: [], requestId: '', retryAfter: 0 });

/** Server keeps one component and can be taken away. */
class Server implements Remote {
  now = base;
  away = false;
  /** What came in place of an answer. */
  instead = failure(0, 'OFFLINE');
  masks: string[] = [];

  async save(_: string, body: Component, mask: string): Promise<Answer<Component>> {
    this.masks.push(mask);
    if (this.away) return { error: this.instead };
    if (body.displayName === '') return { error: failure(400, 'DEFINITION_INVALID') };
    if (body.etag !== this.now.etag) return { error: failure(409, 'ETAG_MISMATCH') };
    this.now = { ...this.now, ...body, etag: String(Number(this.now.etag) + 1) };
    return { data: this.now };
  }

  async load(): Promise<Answer<Component>> {
    return this.away ? { error: failure(0, 'OFFLINE') } : { data: this.now };
  }

  async check() {
    return { data: { problems: [], stepTypes: [], revision: this.now.etag ?? '' } };
  }
}

function setUp(server = new Server()) {
  const store = configureStore({ reducer: { drafts: draftReducer } });
  const queue = makeQueue(localStorage, 't.u', component);
  const queued = queue.read();
  const earlier = queued && restore(queued, server.now);
  store.dispatch(draftActions.opened({ component, base: earlier?.base ?? server.now, doc: earlier?.doc }));
  const autosave = startAutosave(store, component, server, queue);
  const draft = () => {
    const one = store.getState().drafts[component];
    if (one === undefined) throw new Error('closed');
    return one;
  };
  const title = (displayName: string) =>
    store.dispatch(draftActions.edited({ component, doc: { ...draft().doc, displayName }, label: 'x:y', at: 0 }));
  return { server, store, autosave, draft, title };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('autosave', () => {
  it('waits for a pause, then sends what was touched once', async () => {
    const { server, draft, title } = setUp();
    title('A');
    await pass(500);
    title('AB');
    await pass(500);
    expect(server.masks).toEqual([]);
    await pass(300);
    expect(server.masks).toEqual(['display_name']);
    expect(draft()).toMatchObject({ saving: 'saved', base: { displayName: 'AB', etag: '2' } });
    expect(localStorage).toHaveLength(0);
  });

  it('has the component checked when it is opened and after a save', async () => {
    const { draft, title } = setUp();
    await pass(0);
    expect(draft().checked?.revision).toBe('1');
    title('A');
    await pass(2000);
    expect(draft().checked?.revision).toBe('2');
  });

  it('tries again while the server is away, and loses nothing over a reload', async () => {
    const { server, autosave, draft, title } = setUp();
    server.away = true;
    title('A');
    await pass(10_000);
    expect(draft().saving).toBe('offline');
    expect(server.masks.length).toBeGreaterThan(2);
    autosave.stop();
    server.away = false;
    const again = setUp(server);
    expect(again.draft()).toMatchObject({ saving: 'dirty', doc: { displayName: 'A' } });
    await pass(1000);
    expect(server.now.displayName).toBe('A');
  });

  it.each([failure(0, 'OFFLINE'), failure(401, 'UNAUTHENTICATED'), failure(404, 'INTERNAL'), failure(200, 'INTERNAL'), failure(503, 'UNAVAILABLE')])(
    'tries again after %o',
    async (instead) => {
      const { server, draft, title } = setUp();
      Object.assign(server, { away: true, instead });
      title('A');
      await pass(10_000);
      expect(draft()).toMatchObject({ saving: 'offline', error: instead });
      server.away = false;
      await pass(30_000);
      expect(draft().saving).toBe('saved');
      expect(server.now.displayName).toBe('A');
    },
  );

  it('goes on by itself when the server is back', async () => {
    const { server, draft, title, autosave } = setUp();
    server.away = true;
    title('A');
    await pass(800);
    server.away = false;
    autosave.retry();
    await pass(0);
    expect(draft().saving).toBe('saved');
  });

  it('does not repeat what the server will not have', async () => {
    const { server, draft, title } = setUp();
    title('');
    await pass(60_000);
    expect(draft()).toMatchObject({ saving: 'refused', error: { reason: 'DEFINITION_INVALID' } });
    expect(server.masks).toHaveLength(1);
  });

  it('takes in the work of another on something else', async () => {
    const { server, draft, title } = setUp();
    server.now = { ...base, etag: '5', pages: [{ id: 'all', title: 'Theirs' }] };
    title('A');
    await pass(3000);
    expect(draft().saving).toBe('saved');
    expect(server.now).toMatchObject({ displayName: 'A', pages: [{ title: 'Theirs' }] });
  });

  it('asks when both changed the same', async () => {
    const { server, draft, title, store } = setUp();
    server.now = { ...base, etag: '5', displayName: 'Theirs' };
    title('Mine');
    await pass(3000);
    expect(draft()).toMatchObject({ saving: 'conflict', theirs: { displayName: 'Theirs' } });
    expect(server.now.displayName).toBe('Theirs');
    store.dispatch(draftActions.decided({ component, choices: { displayName: 'mine' } }));
    await pass(1000);
    expect(server.now.displayName).toBe('Mine');
  });

  it('finds a collision with work of before a reload', async () => {
    const first = setUp();
    first.server.away = true;
    first.title('Mine');
    await pass(800);
    first.autosave.stop();
    first.server.away = false;
    first.server.now = { ...base, etag: '5', displayName: 'Theirs' };
    const { draft } = setUp(first.server);
    await pass(3000);
    expect(draft().saving).toBe('conflict');
  });

  it('saves what is left when it is stopped', async () => {
    const { server, title, autosave } = setUp();
    title('A');
    autosave.stop();
    await pass(0);
    expect(server.now.displayName).toBe('A');
    expect(localStorage).toHaveLength(0);
  });
});

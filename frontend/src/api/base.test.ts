import { configureStore } from '@reduxjs/toolkit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { api } from '.';
import { violationOf } from './error';
import { componentsApi, stateOf } from './components';
import { can, canSomewhere, covers } from './session';

const answers: (() => Response | Promise<Response>)[] = [];
const asked: Request[] = [];

beforeEach(() => {
  answers.length = 0;
  asked.length = 0;
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push(new Request(new URL(url, 'https://localhost'), { ...init, signal: null }));
    const next = answers.shift();
    if (next === undefined) throw new TypeError('network');
    return next();
  });
});

afterEach(() => vi.unstubAllGlobals());

function makeStore() {
  return configureStore({ reducer: { [api.reducerPath]: api.reducer }, middleware: (d) => d().concat(api.middleware) });
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => () => new Response(JSON.stringify(body), { status, headers });

it('asks with a request id and leaves empty parameters out', async () => {
  answers.push(json({ components: [] }));
  await makeStore().dispatch(api.endpoints.listComponents.initiate({ pageSize: 20, pageToken: '' }));
  expect(asked[0]?.url).toBe('https://localhost/v1/components?pageSize=20');
  expect(asked[0]?.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
});

it('escapes what stands in a path', async () => {
  answers.push(json({}));
  await makeStore().dispatch(api.endpoints.getComponent.initiate({ component: '../users?x' }));
  expect(asked[0]?.url).toBe('https://localhost/v1/components/..%2Fusers%3Fx');
});

it('gives every failure one form', async () => {
  const store = makeStore();
  answers.push(
    json({ error: { code: 400, reason: 'INVALID_FIELDS', message: 'not valid', violations: [{ field: 'display_name', description: 'is too long' }] } }, 400, { 'X-Request-Id': 'r1' }),
    () => new Response('<html>bad gateway</html>', { status: 502 }),
    () => new Response('<html>the hotel</html>'),
    () => new Response(''),
    json(null),
    json([]),
  );
  const ask = async () => (await store.dispatch(api.endpoints.getComponent.initiate({ component: 'a' }, { forceRefetch: true }))).error;
  const refused = await ask();
  expect(refused).toMatchObject({ status: 400, reason: 'INVALID_FIELDS', requestId: 'r1' });
  expect(violationOf(refused, 'displayName')).toBe('is too long');
  expect(violationOf(refused, 'email')).toBeUndefined();
  expect(await ask()).toMatchObject({ status: 502, reason: 'INTERNAL', violations: [] });
  for (let i = 0; i < 4; i++) expect(await ask()).toMatchObject({ status: 200, reason: 'INTERNAL', violations: [] });
  expect(await ask()).toMatchObject({ status: 0, reason: 'OFFLINE' });
});

it('asks for the session again when it turns out to have ended', async () => {
  const store = makeStore();
  answers.push(json({ user: { id: 'u' } }));
  const session = store.dispatch(api.endpoints.getCurrentSession.initiate());
  await session;
  answers.push(json({ error: { reason: 'SESSION_EXPIRED' } }, 401), json({ error: { reason: 'UNAUTHENTICATED' } }, 401));
  await store.dispatch(api.endpoints.listSamples.initiate());
  await vi.waitFor(() => expect(api.endpoints.getCurrentSession.select()(store.getState()).error).toMatchObject({ status: 401 }));
  session.unsubscribe();
});

it('reads all pages of components', async () => {
  answers.push(json({ components: [{ id: 'a' }], nextPageToken: 't' }), json({ components: [{ id: 'b' }] }));
  const { data } = await makeStore().dispatch(componentsApi.endpoints.allComponents.initiate());
  expect(data?.map((c) => c.id)).toEqual(['a', 'b']);
  expect(asked.map((r) => new URL(r.url).search)).toEqual(['?pageSize=200', '?pageSize=200&pageToken=t']);
});

it('knows what is live', () => {
  expect(stateOf({ revision: '3', publishedRevision: '0' })).toBe('draft');
  expect(stateOf({ revision: '3', publishedRevision: '2' })).toBe('changed');
  expect(stateOf({ revision: '3', publishedRevision: '3' })).toBe('live');
});

it('reads grants as the server does', () => {
  expect(covers('*', 'entries.read')).toBe(true);
  expect(covers('entries.*', 'entries.read.all')).toBe(true);
  expect(covers('entries.*', 'entries')).toBe(false);
  expect(covers('entries.*', 'entriesx.read')).toBe(false);
  expect(covers('.*', 'entries.read')).toBe(false);
  const grants = [{ permission: 'entries.read', component: 'invoice' }];
  expect(can(grants, 'entries.read', 'invoice')).toBe(true);
  expect(can(grants, 'entries.read')).toBe(false);
  expect(canSomewhere(grants, 'entries.read')).toBe(true);
});

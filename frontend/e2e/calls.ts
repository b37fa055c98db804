import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { Publication } from '@/api';

// What a test sets up through the API, with the session of its window.

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export async function call<T>(page: Page, method: Method, path: string, data?: unknown): Promise<T> {
  const answer = await page.context().request.fetch(path, { method, ...(data !== undefined && { data }) });
  expect(answer.status(), `${method} ${path}: ${await answer.text()}`).toBe(200);
  return (await answer.json()) as T;
}

/** Publishes components and waits until they are live. */
export async function publish(page: Page, components: readonly string[]): Promise<void> {
  const { id } = await call<Publication>(page, 'POST', '/v1/publications', { components, requestId: crypto.randomUUID() });
  const state = async () => {
    const { release = '', state: now, message = '', problems } = await call<Publication>(page, 'GET', `/v1/publications/${id}`);
    return now === 'PUBLICATION_STATE_FAILED' ? `${message} ${JSON.stringify(problems)}` : release === '' ? now : 'live';
  };
  await vi.waitFor(async () => expect(await state()).toBe('live'), { timeout: 60_000, interval: 200 });
}

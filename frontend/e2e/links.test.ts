import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, startBrowser, visit } from './browser';
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

/** Calls the API with the cookie of the window; there are no pages for these calls in this test's reach. */
async function post<T>(context: BrowserContext, path: string, data: unknown): Promise<T> {
  const answer = await context.request.post(path, { data });
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as T;
}

it('opens the links of an invitation and of a forgotten password, once', async () => {
  const admin = await visit(browser, platform.url);
  await admin.page.goto(platform.setupLink);
  for (const [label, value] of [['Organization', 'Acme'], ['Your name', 'Ada'], ['E-mail address', 'ada@example.com'], ['Password', 'correct horse battery']] as const) {
    await admin.page.getByLabel(label, { exact: true }).fill(value);
  }
  await admin.page.getByRole('button', { name: 'Set up' }).click();
  await admin.page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor();

  const invitation = await post<{ link: string }>(admin.page.context(), '/v1/invitations', { email: 'grace@example.com', roles: ['member'] });
  const guest = await visit(browser, platform.url);
  await guest.page.goto(invitation.link);
  await guest.page.getByRole('heading', { name: 'Accept the invitation' }).waitFor();
  await expectAccessible(guest.page);
  await guest.page.getByLabel('Your name').fill('Grace');
  await guest.page.getByLabel('Password', { exact: true }).fill('a sentence to remember');
  await guest.page.getByRole('button', { name: 'Join' }).click();
  // A member has nothing to make: the Workplace is where they begin.
  await guest.page.waitForURL('**/work');
  const places = await guest.page.getByRole('navigation', { name: 'Navigation' }).getByRole('link').allTextContents();
  expect(places).toContain('Workplace');
  expect(places).not.toContain('Home');
  expect(places).not.toContain('Studio');
  expect(new URL(guest.page.url()).hash).toBe('');

  const { users } = (await (await admin.page.context().request.get('/v1/users')).json()) as { users: { id: string; email: string }[] };
  const grace = users.find((user) => user.email === 'grace@example.com')?.id ?? '';
  const { link } = await post<{ link: string }>(admin.page.context(), `/v1/users/${grace}:createPasswordLink`, {});
  const forgetful = await visit(browser, platform.url);
  await forgetful.page.goto(link);
  await forgetful.page.getByRole('heading', { name: 'Set a new password' }).waitFor();
  await expectAccessible(forgetful.page);
  await forgetful.page.getByLabel('Password', { exact: true }).fill('another sentence to remember');
  await forgetful.page.getByRole('button', { name: 'Set password' }).click();
  await forgetful.page.getByRole('heading', { name: 'Your password is set' }).waitFor();
  await forgetful.page.getByRole('link', { name: 'Sign in' }).click();
  await forgetful.page.getByLabel('E-mail address').fill('grace@example.com');
  await forgetful.page.getByLabel('Password', { exact: true }).fill('another sentence to remember');
  await forgetful.page.getByRole('button', { name: 'Sign in' }).click();
  await forgetful.page.waitForURL('**/work');

  // The session of before has ended, and what was open notices.
  await guest.page.reload();
  await guest.page.getByRole('heading', { name: 'Sign in' }).waitFor();

  await guest.page.goto(invitation.link);
  await guest.page.getByLabel('Your name').fill('Mallory');
  await guest.page.getByLabel('Password', { exact: true }).fill('a sentence to remember');
  await guest.page.getByRole('button', { name: 'Join' }).click();
  await guest.page.getByText('This link was used already or has expired.').waitFor();
  await guest.page.goto('/invitation');
  await guest.page.reload();
  await guest.page.getByRole('heading', { name: 'This address is not complete' }).waitFor();
  await expectAccessible(guest.page);
  for (const { problems } of [admin, guest, forgetful]) expect(problems).toEqual([]);
});

import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Action } from '../contract';
import { answering, show } from '../input/testing';
import { control } from '.';
import { mayUse } from './may';

const save = { type: 'run-dataflow', dataflow: 'save' } as const;

it('does its action once, however often it is pressed meanwhile', async () => {
  let finish = () => undefined as void;
  const dispatch = vi.fn((_: Action) => new Promise<void>((resolve) => (finish = resolve)));
  await show({ controls: [control], props: { label: 'Save', action: save }, dispatch });
  await userEvent.dblClick(screen.getByRole('button', { name: 'Save' }));
  expect(dispatch).toHaveBeenCalledTimes(1);
  expect(dispatch).toHaveBeenCalledWith(save, 'node', undefined);
  finish();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', false));
});

it('asks first', async () => {
  const dispatch = vi.fn(() => Promise.resolve());
  await show({ controls: [control], props: { label: 'Go', action: save, confirm: 'Really?' }, dispatch });
  await userEvent.click(screen.getByRole('button', { name: 'Go' }));
  expect(screen.getByText('Really?')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(dispatch).not.toHaveBeenCalled();
  await userEvent.click(await screen.findByRole('button', { name: 'Go' }));
  await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
  expect(dispatch).toHaveBeenCalledTimes(1);
});

it('always asks before it deletes', async () => {
  const dispatch = vi.fn(() => Promise.resolve());
  await show({ controls: [control], props: { label: 'Away', action: { type: 'delete-record' } }, dispatch });
  await userEvent.click(screen.getByRole('button', { name: 'Away' }));
  expect(dispatch).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
  expect(dispatch).toHaveBeenCalledWith({ type: 'delete-record' }, 'node', undefined);
});

it('is shown to its roles alone', async () => {
  vi.stubGlobal('fetch', answering((url) => (url.pathname === '/v1/sessions/current' ? { user: { roles: ['clerk'] } } : undefined)));
  await show({
    controls: [control],
    nodes: {
      mine: { type: 'button', props: { label: 'Mine', roles: ['clerk'], action: save } },
    },
  });
  expect(await screen.findByRole('button', { name: 'Mine' })).toBeTruthy();
});

it.each([
  [[], [], true],
  [['clerk'], ['clerk'], true],
  [['clerk'], ['boss'], false],
  [['clerk'], ['admin'], true],
])('roles %j let %j: %s', (roles, own, may) => {
  expect(mayUse(roles, own)).toBe(may);
});

it('is an error while its action is incomplete', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await show({ controls: [control], props: { label: 'Save', action: { type: 'run-dataflow' } } });
  expect(screen.getByRole('alert')).toBeTruthy();
  expect(screen.queryByRole('button')).toBeNull();
});

import { configureStore } from '@reduxjs/toolkit';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Provider } from 'react-redux';
import { expect, it } from 'vitest';
import { useSaved } from './hooks';
import { draftActions, draftReducer } from './slice';

const component = 'invoice';
const base = { id: component, etag: '1' };

function setUp() {
  const store = configureStore({ reducer: { drafts: draftReducer } });
  store.dispatch(draftActions.opened({ component, base }));
  const wrapper = ({ children }: { children: ReactNode }) => <Provider store={store}>{children}</Provider>;
  const { result } = renderHook(() => useSaved(component), { wrapper });
  return { store, saved: result.current };
}

it('knows at once what is saved', async () => {
  await expect(setUp().saved()).resolves.toBe('saved');
});

it('waits until all edits are answered', async () => {
  const { store, saved } = setUp();
  store.dispatch(draftActions.edited({ component, doc: { ...base, displayName: 'A' }, label: 'x:y', at: 0 }));
  let said: string | undefined;
  const done = saved().then((saving) => (said = saving));
  store.dispatch(draftActions.sending({ component }));
  await Promise.resolve();
  expect(said).toBeUndefined();
  store.dispatch(draftActions.saved({ component, answer: { ...base, displayName: 'A', etag: '2' } }));
  await expect(done).resolves.toBe('saved');
});

it('tells when the server will not have it', async () => {
  const { store, saved } = setUp();
  store.dispatch(draftActions.edited({ component, doc: { ...base, displayName: '' }, label: 'x:y', at: 0 }));
  const done = saved();
  store.dispatch(draftActions.failed({ component, saving: 'refused', error: undefined }));
  await expect(done).resolves.toBe('refused');
});

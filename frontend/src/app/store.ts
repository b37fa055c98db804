import { configureStore } from '@reduxjs/toolkit';
import { setupListeners } from '@reduxjs/toolkit/query';
import { api } from '@/api';
import { rootReducer } from '@/api/root';

/** Makes the store. */
export function makeStore() {
  const store = configureStore({ reducer: rootReducer, middleware: (defaults) => defaults().concat(api.middleware) });
  setupListeners(store.dispatch);
  return store;
}

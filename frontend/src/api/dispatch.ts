import type { ThunkDispatch, UnknownAction } from '@reduxjs/toolkit';
import type { rootReducer } from './root';

/** RootState is the state of the whole store. */
export type RootState = ReturnType<typeof rootReducer>;

/** Dispatch is the store's, for the thunks of the api. */
export type Dispatch = ThunkDispatch<RootState, unknown, UnknownAction>;

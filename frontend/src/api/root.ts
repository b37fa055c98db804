import { combineSlices } from '@reduxjs/toolkit';
import { api } from '.';

/**
 * LazySlices are the editors' slices, which are loaded with them. A slice adds itself:
 *
 *     declare module '@/api/root' { interface LazySlices extends WithSlice<typeof draftSlice> {} }
 *     export const drafts = draftSlice.injectInto(rootReducer);
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- it is filled from elsewhere
export interface LazySlices {}

/** The reducer of the whole store. Data of the server lives in the api's part alone. */
export const rootReducer = combineSlices({ [api.reducerPath]: api.reducer }).withLazyLoadedSlices<LazySlices>();

import { createContext, useContext } from 'react';

/** Place is where a page stands, for controls that show more than their own field. */
export interface Place {
  /** The component that the page belongs to; empty outside of one. */
  component: string;
  /** Id of the entry that the page is about, undefined for a new one and for none. */
  entry: string | undefined;
}

export const PlaceContext = createContext<Place>({ component: '', entry: undefined });

export function usePlace(): Place {
  return useContext(PlaceContext);
}

import { createContext, useContext } from 'react';
import type { Row } from './evaluator';
import type { Evaluation } from './host';
import type { ModelOf } from './model';

/** Place is where a page stands, for controls that show more than their own field. */
export interface Place {
  /** The component that the page belongs to; empty outside of one. */
  component: string;
  /** Id of the entry that the page is about, undefined for a new one and for none. */
  entry: string | undefined;
  /** Models as they are edited, for a page that is being made; what is not among them is as it is live. */
  models?: readonly ModelOf[];
  /** Answers expressions about rows, on a page that is open. */
  rows?: RowEvaluator;
}

/** RowEvaluator answers expressions of controls that show several records. */
export interface RowEvaluator {
  about: (text: string, row: Row) => Evaluation;
  /** Calls the listener when an answer may have changed while the row is the same. It returns how to end that. */
  watch: (listener: () => void) => () => void;
}

export const PlaceContext = createContext<Place>({ component: '', entry: undefined });

export function usePlace(): Place {
  return useContext(PlaceContext);
}

/** Id of the task whose question stands beside the page already; a page does not show it again. */
export const AskedContext = createContext('');

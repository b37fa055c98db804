import { createContext, type ReactNode, useContext } from 'react';
import { createPortal } from 'react-dom';

/** The places in the shell's bar that a page may fill. */
export interface BarPlaces {
  title: HTMLElement | null;
  actions: HTMLElement | null;
}

export const BarContext = createContext<BarPlaces>({ title: null, actions: null });

/** Puts a title or breadcrumbs into the shell's bar. */
export function BarTitle({ children }: { children: ReactNode }) {
  const { title } = useContext(BarContext);
  return title && createPortal(children, title);
}

/** Puts buttons into the shell's bar, left of those that are always there. */
export function BarActions({ children }: { children: ReactNode }) {
  const { actions } = useContext(BarContext);
  return actions && createPortal(children, actions);
}

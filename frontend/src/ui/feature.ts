import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import type { useSession } from '@/api/session';

/** What a navigation item may ask of the session. */
export type Signed = Pick<ReturnType<typeof useSession>, 'can' | 'canSomewhere' | 'operator'>;

/** NavItem is an entry of the side navigation, and a command of the palette. */
export interface NavItem {
  to: string;
  /** "namespace:key". */
  label: string;
  icon: ComponentType<{ fontSize?: 'small' | 'inherit' | 'medium' | 'large' }>;
  /** Items are shown in this order. */
  order: number;
  /** Hides the item from those who may not use it. */
  allowed?: (session: Signed) => boolean;
  /** Drawn at the end of the item, such as a number of things that wait. */
  Badge?: ComponentType;
}

/** RouteHandle tells the shell how to stand around a route. */
export interface RouteHandle {
  /** An editor with a rail of its own wants the whole width. */
  nav?: 'hidden';
}

/**
 * Feature is what src/features/<name>/feature.ts exports as `feature`. It is loaded with the app, so it names its pages by
 * `lazy: () => import('./Page')`, whose module exports `Component`.
 */
export interface Feature {
  /** Name of the folder, and namespace of its texts. */
  name: string;
  nav?: readonly NavItem[];
  /** A button of the bar on top, before the look and the account. */
  Bar?: ComponentType;
  /** Is there, once, for as long as somebody is signed in; it draws nothing. */
  Background?: ComponentType;
  /** Stands over everything when the session has ended while somebody worked, until it goes on. */
  Ended?: ComponentType;
  /** Routes inside the shell, for whoever is signed in. */
  routes?: readonly RouteObject[];
  /** Routes without shell and session. */
  publicRoutes?: readonly RouteObject[];
}

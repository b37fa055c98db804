import type { ApiError, Component, Problem, StepType } from '@/api';

/** PartKind is one of the lists of parts that a component has, by its name in the JSON form. */
export type PartKind = 'pages' | 'dataflows' | 'workflows' | 'scripts';

/** Part is an item of such a list. */
export type Part<K extends PartKind = PartKind> = NonNullable<Component[K]>[number];

/**
 * Command is one action of an editor. `apply` is a pure function of the component written for immer: it changes what it is given, or
 * returns a new component. It must not look at anything that changes, such as the clock: ids are made before (see newId).
 */
export interface Command {
  /** What it does, as "namespace:key"; shown beside Undo. */
  label: string;
  /** Values for the label's text. */
  values?: Readonly<Record<string, string>>;
  /**
   * Quick successive commands with the same key become one step of undo, so that typing is undone as a whole. Name what is edited:
   * "pages/all_invoices/nodes/grid/props/title".
   */
  mergeKey?: string;
  apply: (component: Component) => Component | void;
}

/**
 * Saving is where the draft stands towards the server. `offline` is tried again by itself; `refused` is what the server will not have,
 * until something is changed; `conflict` waits for a person.
 */
export type Saving = 'saved' | 'dirty' | 'saving' | 'offline' | 'refused' | 'conflict';

/** Step is what undo goes back to: the document as it was, and what was done to it. */
export interface Step {
  doc: Component;
  label: string;
  values: Readonly<Record<string, string>>;
}

/** Checked is the last answer of the server's check. */
export interface Checked {
  problems: readonly Problem[];
  /** What the steps of the dataflows give, as far as it is known. */
  stepTypes: readonly StepType[];
  revision: string;
}

/** Draft is one component while it is edited. */
export interface Draft {
  /** As the server has it, with the etag that the next save names. */
  base: Component;
  /** As the editors show it. */
  doc: Component;
  /** Oldest first. */
  past: readonly Step[];
  /** What redo brings back, next one last. */
  future: readonly Step[];
  saving: Saving;
  /** What is on its way to the server. */
  sent: Component | undefined;
  /** Why the last save did not come through. */
  error: ApiError | undefined;
  /** In a conflict, what somebody else saved. */
  theirs: Component | undefined;
  /** What somebody else changed and was taken in by itself, the last time that happened: see merge. */
  taken: readonly string[];
  checked: Checked | undefined;
  /** The last edit, for merging the next one into it. */
  last: { mergeKey: string; at: number } | undefined;
}

/** Drafts holds the open drafts by the component's id. */
export type Drafts = Readonly<Record<string, Draft>>;

/** The part of the store that the drafts live in, once the first one is opened. */
export interface DraftsRoot {
  drafts?: Drafts;
}

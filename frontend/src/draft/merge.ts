import type { Component } from '@/api';
import { alike, same } from './equal';
import type { PartKind } from './types';

/** What UpdateComponent replaces, by its JSON name and as the mask names it. */
export const masks = {
  displayName: 'display_name',
  description: 'description',
  model: 'model',
  pages: 'pages',
  dataflows: 'dataflows',
  workflows: 'workflows',
  scripts: 'scripts',
  settings: 'settings',
} as const;

/** Section is a top-level part of a component that a save can replace. */
export type Section = keyof typeof masks;

export const sections = Object.keys(masks) as readonly Section[];

/** The sections that differ, so that a save sends no more than what was touched. */
export function touched(base: Component, doc: Component): readonly Section[] {
  return sections.filter((section) => !same(base[section], doc[section]));
}

/** Unit is the smallest thing that two people may not change at the same time: "model", "settings", "pages/all_invoices". */
export type Unit = string;

/** Choice says whose version of a unit stays. */
export type Choice = 'mine' | 'theirs';

const lists: readonly PartKind[] = ['pages', 'dataflows', 'workflows', 'scripts'];
const singles = ['displayName', 'description', 'model', 'settings'] as const;

function units(component: Component): Map<Unit, unknown> {
  const all = new Map<Unit, unknown>(singles.map((name) => [name, component[name]]));
  for (const kind of lists) for (const part of component[kind] ?? []) all.set(`${kind}/${part.id ?? ''}`, part);
  return all;
}

/** Merged is what comes of a draft and what somebody else saved meanwhile. */
export interface Merged {
  doc: Component;
  /** Both changed them, each in another way. Without a choice the draft's version stands in the document. */
  collisions: readonly Unit[];
  /** The other one alone changed them. */
  taken: readonly Unit[];
}

/** Joins a draft with what somebody else saved after the base was read. Nothing within a unit is merged. */
export function merge(base: Component, mine: Component, theirs: Component, choices: Readonly<Record<Unit, Choice>> = {}): Merged {
  const [before, own, other] = [units(base), units(mine), units(theirs)];
  const collisions: Unit[] = [];
  const taken: Unit[] = [];
  const result = new Map<Unit, unknown>();
  for (const unit of new Set([...own.keys(), ...other.keys()])) {
    const changedByMe = !same(before.get(unit), own.get(unit));
    const changedByThem = !same(before.get(unit), other.get(unit));
    let chosen: Choice = changedByThem ? 'theirs' : 'mine';
    if (changedByMe && changedByThem && !alike(own.get(unit), other.get(unit))) {
      collisions.push(unit);
      chosen = choices[unit] ?? 'mine';
    } else if (changedByThem && !changedByMe) taken.push(unit);
    const value = (chosen === 'mine' ? own : other).get(unit);
    if (value !== undefined) result.set(unit, value);
  }
  return { doc: compose(theirs, result), collisions, taken };
}

/** Builds a component of units; what the server assigns, and the etag, are those of the first one. */
function compose(of: Component, all: ReadonlyMap<Unit, unknown>): Component {
  const doc: Component = { ...of };
  for (const name of singles) Object.assign(doc, { [name]: all.get(name) });
  for (const kind of lists) {
    const parts = [...all].filter(([unit]) => unit.startsWith(`${kind}/`)).map(([, part]) => part);
    if (parts.length > 0 || of[kind] !== undefined) Object.assign(doc, { [kind]: parts });
  }
  return doc;
}

import type { Component } from '@/api';
import { isObject } from '@/values/json';
import type { Command, Part, PartKind } from './types';

/** The parts of a kind; none is an empty list. */
export function partsOf<K extends PartKind>(component: Component, kind: K): readonly Part<K>[] {
  return (component[kind] ?? []) as readonly Part<K>[];
}

/** A part by its id. */
export function findPart<K extends PartKind>(component: Component, kind: K, id: string): Part<K> | undefined {
  return partsOf(component, kind).find((part) => part.id === id);
}

/** Tells a page that others open over themselves, by its root; the server tells published ones likewise. */
export function isModal({ document }: Part<'pages'>): boolean {
  if (!isObject(document) || !isObject(document.nodes) || typeof document.root !== 'string') return false;
  const root = document.nodes[document.root];
  return isObject(root) && root.type === 'modal';
}

function replaceAll<K extends PartKind>(component: Component, kind: K, parts: readonly Part<K>[]): void {
  Object.assign(component, { [kind]: parts });
}

/** Adds a part at the end. Its id must be new. */
export function addPart<K extends PartKind>(kind: K, part: Part<K>): Command {
  return {
    label: `studio:do.add.${kind}`,
    values: { name: part.title || part.id || '' },
    apply: (component) => {
      if (findPart(component, kind, part.id ?? '') === undefined) replaceAll(component, kind, [...partsOf(component, kind), part]);
    },
  };
}

/** Removes a part. */
export function removePart(kind: PartKind, id: string): Command {
  return {
    label: `studio:do.remove.${kind}`,
    values: { name: id },
    apply: (component) => {
      replaceAll(component, kind, partsOf(component, kind).filter((part) => part.id !== id));
      if (kind === 'pages' && component.settings?.homePage === id) delete component.settings.homePage;
    },
  };
}

/**
 * Changes a part. The change gets the part and returns it anew, or changes it in place as immer lets it; when the part is gone, nothing
 * happens. Editors make their own commands of this one.
 */
export function changePart<K extends PartKind>(
  kind: K,
  id: string,
  change: (part: Part<K>) => Part<K> | void,
  words: Pick<Command, 'label' | 'values' | 'mergeKey'>,
): Command {
  return {
    ...words,
    apply: (component) => {
      const parts = component[kind] as Part<K>[] | undefined;
      const at = parts?.findIndex((part) => part.id === id) ?? -1;
      const part = parts?.[at];
      if (parts === undefined || part === undefined) return;
      const next = change(part);
      if (next !== undefined) parts[at] = next;
    },
  };
}

/** Sets what people call a part. */
export function retitlePart(kind: PartKind, id: string, title: string): Command {
  return changePart(kind, id, (part) => void (part.title = title), {
    label: `studio:do.retitle.${kind}`,
    values: { name: title },
    mergeKey: `${kind}/${id}/title`,
  });
}

/** Says which roles may use a part; none lets in everyone who may use the component. */
export function setPartRoles(kind: PartKind, id: string, roles: readonly string[]): Command {
  return changePart(kind, id, (part) => void (part.roles = [...roles]), {
    label: `studio:do.roles.${kind}`,
    values: { name: id },
  });
}

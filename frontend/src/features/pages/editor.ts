import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { Field } from '@/api';
import type { AnyControl, Controls, PropSpec } from '@/controls/contract';
import type { Command } from '@/draft';
import { DocumentStore, type PageDocument, type PageNode } from '@/renderer/document';
import type { Json, JsonObject } from '@/values/json';
import type { Drop } from './canvas/drop';
import { Cell } from './cell';
import { copied, fresh, readCopied } from './document/clipboard';
import { type Edit, pageCommand } from './document/commands';
import { add, clearProp, type Fragment, fragmentOf, move, remove, rename, setProp } from './document/edit';
import { freshId, freshName } from './document/names';
import { nodeOf, pathTo, type Place, placeOf } from './document/tree';

/** Types that are roots of pages and stand in nothing. */
export const rootTypes: readonly string[] = ['page', 'modal'];

/** New is a control of the palette, perhaps for a field. */
export interface New {
  control: AnyControl;
  title: string;
  field?: Field;
}

/**
 * PageEditor is what the palette, the outline, the canvas and the panels of one page share: the document as it is, what is chosen, and
 * everything that can be done. Each edit is a command of the draft.
 */
export class PageEditor {
  readonly documents: DocumentStore;
  readonly selection = new Cell<string | undefined>(undefined);
  readonly hover = new Cell<string | undefined>(undefined);
  /** Where what is being dragged would go; without a line while it is over the outline. */
  readonly drop = new Cell<Drop | undefined>(undefined);
  readonly collapsed = new Cell<ReadonlySet<string>>(new Set());

  constructor(
    readonly of: { readonly component: string; readonly page: string },
    private current: PageDocument,
    readonly controls: Controls,
    private readonly run: (command: Command) => void,
  ) {
    this.documents = new DocumentStore(current);
  }

  get document(): PageDocument {
    return this.current;
  }

  /** The draft has changed. A choice of what is gone is given up for what it stood in. */
  readonly follow = (document: PageDocument): void => {
    const before = this.current;
    this.current = document;
    this.documents.set(document);
    const chosen = this.selection.get();
    if (chosen === undefined || nodeOf(document, chosen) !== undefined) return;
    const above = nodeOf(before, chosen) === undefined ? [] : pathTo(before, chosen);
    this.selection.set(above.findLast((id) => nodeOf(document, id) !== undefined));
  };

  readonly select = (id: string | undefined): void => {
    if (id !== undefined) this.unfold(pathTo(this.current, id).slice(0, -1));
    this.selection.set(id);
  };

  readonly fold = (id: string, folded: boolean): void => {
    const next = new Set(this.collapsed.get());
    if (folded) next.add(id);
    else next.delete(id);
    this.collapsed.set(next);
  };

  private unfold(ids: readonly string[]): void {
    const folded = this.collapsed.get();
    if (ids.some((id) => folded.has(id))) this.collapsed.set(new Set([...folded].filter((id) => !ids.includes(id))));
  }

  /** The slots of a control that takes children. */
  slotsOf(id: string): readonly string[] {
    const node = nodeOf(this.current, id);
    return (node && this.controls.get(node.type)?.slots) ?? [];
  }

  /** Where something new goes without being dragged: into the chosen control when it takes children, else behind it. */
  placeForNew(): Place {
    const { root } = this.current;
    const chosen = this.selection.get() ?? root;
    const [slot] = this.slotsOf(chosen);
    const node = nodeOf(this.current, chosen);
    if (slot !== undefined && node !== undefined) return { parent: chosen, slot, index: node.slots[slot]?.length ?? 0 };
    const at = placeOf(this.current, chosen);
    return at === undefined ? { parent: root, slot: this.slotsOf(root)[0] ?? 'children', index: 0 } : { ...at, index: at.index + 1 };
  }

  readonly addNew = (made: New, place = this.placeForNew()): void => {
    const id = freshId(this.current);
    const name = freshName(this.current, made.field?.name ?? made.title);
    const node: PageNode = {
      type: made.control.type,
      name,
      props: firstProps(made, this.of.component),
      slots: Object.fromEntries((made.control.slots ?? []).slice(0, 1).map((slot) => [slot, []])),
    };
    this.put({ root: id, nodes: { [id]: node } }, place, 'add', made.title);
  };

  readonly move = (id: string, place: Place): void => {
    this.edit('move', this.nameOf(id), (document) => move(document, id, place));
    this.select(id);
  };

  /** Changes places with the neighbour before or after it. */
  readonly shift = (id: string, by: -1 | 1): void => {
    const at = placeOf(this.current, id);
    if (at === undefined) return;
    const index = by < 0 ? at.index - 1 : at.index + 2;
    if (index >= 0) this.edit('move', this.nameOf(id), (document) => move(document, id, { ...at, index }));
  };

  readonly remove = (id: string): void => {
    const at = placeOf(this.current, id);
    if (at === undefined) return;
    const siblings = nodeOf(this.current, at.parent)?.slots[at.slot] ?? [];
    const next = siblings[at.index + 1] ?? siblings[at.index - 1] ?? at.parent;
    this.edit('remove', this.nameOf(id), (document) => remove(document, id));
    this.select(next);
  };

  readonly duplicate = (id: string): void => {
    const at = placeOf(this.current, id);
    if (at === undefined) return;
    this.put(fresh(this.current, fragmentOf(this.current, id)), { ...at, index: at.index + 1 }, 'duplicate', this.nameOf(id));
  };

  /** The text for the clipboard; undefined for the root, which cannot be put anywhere. */
  readonly copy = (id: string): string | undefined => (id === this.current.root ? undefined : copied(this.current, id));

  /** Puts what was copied where something new would go. It returns whether the text was something of ours. */
  readonly paste = (text: string): boolean => {
    const fragment = readCopied(text);
    const type = fragment && nodeOf(fragment, fragment.root)?.type;
    if (fragment === undefined || type === undefined || rootTypes.includes(type)) return false;
    this.put(fresh(this.current, fragment), this.placeForNew(), 'paste', nodeOf(fragment, fragment.root)?.name ?? '');
    return true;
  };

  readonly rename = (id: string, name: string): void => {
    this.edit('rename', name, (document) => rename(document, id, name), `${id}/name`);
  };

  /** Sets a setting, or takes it away. Quick changes of one are one step of undo. */
  readonly setProp = (id: string, prop: string, value: Json | undefined): void => {
    const change: Edit = (document) => (value === undefined ? clearProp(document, id, prop) : setProp(document, id, prop, value));
    this.edit('set', this.nameOf(id), change, `${id}/${prop}`);
  };

  private put(fragment: Fragment, place: Place, what: string, name: string): void {
    this.edit(what, name, (document) => add(document, fragment, place));
    if (nodeOf(this.current, fragment.root) === undefined) this.follow(add(this.current, fragment, place));
    if (nodeOf(this.current, fragment.root) !== undefined) this.select(fragment.root);
  }

  private edit(what: string, name: string, change: Edit, mergeKey?: string): void {
    this.run(pageCommand(this.of.page, what, name, change, mergeKey));
  }

  private nameOf(id: string): string {
    return nodeOf(this.current, id)?.name ?? id;
  }
}

/** What a new control says at first: the field that it is for, the component that it lists, or a text to see it by. */
function firstProps({ control, title, field }: New, component: string): JsonObject {
  if (field?.name !== undefined) return { field: field.name };
  const schema: Readonly<Record<string, PropSpec>> = { ...control.schema };
  const specs = Object.entries(schema);
  const listed = specs.map(([, spec]) => (spec.kind === 'columns' ? spec.of : undefined)).find((of) => of !== undefined);
  if (listed !== undefined) return { [listed]: component };
  const shown = specs.find(([name, spec]) => (name === 'label' || name === 'text') && spec.kind === 'text');
  return shown === undefined ? {} : { [shown[0]]: title };
}

export const EditorContext = createContext<PageEditor | undefined>(undefined);

export function useEditor(): PageEditor {
  const editor = useContext(EditorContext);
  if (editor === undefined) throw new Error('a part of the page editor outside of it');
  return editor;
}

/** A node as it is edited; drawn again when it changes. */
export function useNode(id: string): PageNode | undefined {
  const { documents } = useEditor();
  const subscribe = useCallback((listener: () => void) => documents.subscribe(id, listener), [documents, id]);
  return useSyncExternalStore(subscribe, () => documents.node(id));
}

import { produce } from 'immer';
import { useCallback, useMemo } from 'react';
import { useSelector, useStore } from 'react-redux';
import { useParams } from 'react-router';
import type { Component } from '@/api';
import { draftActions } from './slice';
import type { Checked, Command, Draft, DraftsRoot, Saving, Step } from './types';

/** The component that the address names; for everything below /studio/:component. */
export function useComponentId(): string {
  const { component = '' } = useParams();
  return component;
}

function read(root: DraftsRoot, component: string): Draft {
  const draft = root.drafts?.[component];
  if (draft === undefined) throw new Error(`the draft of ${component} is not open`);
  return draft;
}

/** The component as it is edited. It is new with every edit, what did not change in it is not. */
export function useDraft(component: string): Component {
  return useDraftSelector(component, (doc) => doc);
}

/** A part of the component as it is edited; drawn again only when that part changes. What the selector builds anew must be memoised. */
export function useDraftSelector<T>(component: string, select: (doc: Component) => T): T {
  return useSelector((root: DraftsRoot) => select(read(root, component).doc));
}

/** What does an edit. It is the same function all the time. */
export function useEdit(component: string): (command: Command) => void {
  const store = useStore<DraftsRoot>();
  return useCallback(
    (command) => {
      const doc = run(read(store.getState(), component).doc, command);
      const { label, values, mergeKey } = command;
      store.dispatch(draftActions.edited({ component, doc, label, values, mergeKey, at: Date.now() }));
    },
    [store, component],
  );
}

/** What a command makes of a component; the same object when it changes nothing. */
export function run(doc: Component, command: Pick<Command, 'apply'>): Component {
  return produce(doc, (draft: Component) => command.apply(draft));
}

/** Undo and redo, with what they would do; undefined when there is nothing to do. */
export interface History {
  undo: () => void;
  redo: () => void;
  next: Step | undefined;
  again: Step | undefined;
}

export function useHistory(component: string): History {
  const { dispatch } = useStore();
  const next = useSelector((root: DraftsRoot) => read(root, component).past.at(-1));
  const again = useSelector((root: DraftsRoot) => read(root, component).future.at(-1));
  return useMemo(
    () => ({
      undo: () => void dispatch(draftActions.undone({ component })),
      redo: () => void dispatch(draftActions.redone({ component })),
      next,
      again,
    }),
    [dispatch, component, next, again],
  );
}

/** Where the draft stands towards the server. */
export function useSaving(component: string): Saving {
  return useSelector((root: DraftsRoot) => read(root, component).saving);
}

/** Waits until the server has answered to all edits; it tells where the draft stands then, which is not always `saved`. */
export function useSaved(component: string): () => Promise<Saving> {
  const store = useStore<DraftsRoot>();
  return useCallback(() => {
    const now = () => store.getState().drafts?.[component]?.saving;
    const pending = (saving: Saving | undefined) => saving === 'dirty' || saving === 'saving';
    return new Promise((resolve) => {
      const look = () => {
        const saving = now();
        if (pending(saving)) return;
        unsubscribe();
        resolve(saving ?? 'offline');
      };
      const unsubscribe = store.subscribe(look);
      look();
    });
  }, [store, component]);
}

/** The last answer of the server's check; undefined until there is one. */
export function useChecked(component: string): Checked | undefined {
  return useSelector((root: DraftsRoot) => read(root, component).checked);
}

/** All there is to know of a draft. It is new with every edit and every save: for the workspace, not for editors. */
export function useWholeDraft(component: string): Draft {
  return useSelector((root: DraftsRoot) => read(root, component));
}

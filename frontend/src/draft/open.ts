import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'react-redux';
import { api, type ApiError, type CheckResult, type Component, isApiError } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import { useSession } from '@/api/session';
import { type Answer, type Autosave, type Remote, startAutosave } from './autosave';
import { makeQueue, restore } from './queue';
import { draftActions } from './slice';
import type { DraftsRoot } from './types';

/** Opened says whether the draft is there, and how to try again if it is not. */
export interface Opened {
  ready: boolean;
  error: ApiError | undefined;
  again: () => void;
  /** Sends unsaved work now. */
  retrySave: () => void;
}

function answer<T>(result: { data?: T | undefined; error?: unknown }): Answer<T> {
  if (result.data !== undefined) return { data: result.data };
  const error = isApiError(result.error)
    ? result.error
    : { status: 500, reason: 'INTERNAL', message: '', violations: [], requestId: '', retryAfter: 0 };
  return { error };
}

/** An answer that is no component, or another one, is as good as none: what is edited must not be replaced by it. */
function component(id: string, result: { data?: Component | undefined; error?: unknown }): Answer<Component> {
  return answer<Component>(result.data !== undefined && result.data.id !== id ? {} : result);
}

function remoteOf(dispatch: Dispatch): Remote {
  return {
    load: async (id) =>
      component(id, await dispatch(api.endpoints.getComponent.initiate({ component: id }, { forceRefetch: true, subscribe: false }))),
    save: async (id, body, updateMask) =>
      component(id, await dispatch(api.endpoints.updateComponent.initiate({ component: id, body, updateMask }, { track: false }))),
    check: async (component) => {
      const result = answer<CheckResult>(await dispatch(api.endpoints.checkComponent.initiate({ component, body: {} }, { track: false })));
      if (result.data === undefined) return result;
      const { problems = [], stepTypes = [], revision = '' } = result.data;
      return { data: { problems, stepTypes, revision } };
    },
  };
}

/**
 * Opens the draft of a component and keeps it saved for as long as the caller is on the screen. Only the workspace does this; editors
 * below it use the draft.
 */
export function useOpenDraft(component: string): Opened {
  const store = useStore<DraftsRoot>();
  const session = useSession();
  const { tenant, user } = session;
  const owner = `${tenant?.id ?? ''}.${user?.id ?? ''}`;
  const [state, setState] = useState<{ component: string; error: ApiError | undefined }>();
  const [attempt, setAttempt] = useState(0);
  const autosave = useRef<Autosave>(undefined);
  useEffect(() => {
    let gone = false;
    const remote = remoteOf(store.dispatch as Dispatch);
    const open = async () => {
      const { data, error } = await remote.load(component);
      if (gone) return;
      if (data !== undefined) {
        const queue = makeQueue(localStorage, owner, component);
        const queued = queue.read();
        const earlier = queued && restore(queued, data);
        store.dispatch(draftActions.opened({ component, base: earlier?.base ?? data, doc: earlier?.doc }));
        autosave.current = startAutosave(store, component, remote, queue);
      }
      setState({ component, error });
    };
    void open();
    const online = () => autosave.current?.retry();
    addEventListener('online', online);
    return () => {
      gone = true;
      removeEventListener('online', online);
      autosave.current?.stop();
      autosave.current = undefined;
    };
  }, [store, component, owner, attempt]);
  // Somebody has signed in again: what was refused for want of a session goes through now.
  useEffect(() => autosave.current?.retry(), [session]);
  const again = useCallback(() => {
    setState(undefined);
    setAttempt((n) => n + 1);
  }, []);
  const retrySave = useCallback(() => autosave.current?.retry(), []);
  const known = state?.component === component ? state : undefined;
  return { ready: known !== undefined && known.error === undefined, error: known?.error, again, retrySave };
}

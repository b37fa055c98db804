import { useState } from 'react';
import { useStore } from 'react-redux';
import { api, type RenameResponse } from '@/api';
import type { Dispatch } from '@/api/dispatch';
import { draftActions, type DraftsRoot, useSaved } from '@/draft';

/** What the server is asked with. */
export interface Asked {
  etag: string | undefined;
  validateOnly: boolean;
}

type Answer = { data?: RenameResponse | undefined; error?: unknown };

/** Asks the server what a change does, and then to do it. */
export function useRewrite(component: string, send: (asked: Asked) => PromiseLike<Answer>) {
  const store = useStore<DraftsRoot>();
  const saved = useSaved(component);
  const [told, setTold] = useState<RenameResponse>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const ask = async (validateOnly: boolean): Promise<Answer> => {
    setBusy(true);
    await saved();
    const answer = await send({ etag: store.getState().drafts?.[component]?.base.etag, validateOnly });
    setBusy(false);
    setError(answer.error);
    return answer;
  };
  const tell = async () => setTold((await ask(true)).data);
  /** Does it; true when it is done. */
  const make = async (): Promise<boolean> => {
    if ((await ask(false)).error !== undefined) return false;
    const load = (store.dispatch as Dispatch)(api.endpoints.getComponent.initiate({ component }, { forceRefetch: true, subscribe: false }));
    const { data } = await load;
    if (data !== undefined) store.dispatch(draftActions.renewed({ component, base: data }));
    return true;
  };
  const forget = () => {
    setTold(undefined);
    setError(undefined);
  };
  return { told, error, busy, tell, make, forget };
}

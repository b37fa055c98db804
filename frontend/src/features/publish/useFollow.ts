import { useEffect, useRef } from 'react';
import { useDispatch } from 'react-redux';
import { afterPublication, api, type Publication } from '@/api';
import { ended } from './state';

const pollEvery = 5000; // ms; changes are told, this is for those that are not

/** Follows a publication until it ends; then everything that depends on what is live is read anew. */
export function useFollow(publication: string): { publication: Publication | undefined; error: unknown } {
  const dispatch = useDispatch();
  const { data: last } = api.endpoints.getPublication.useQueryState({ publication });
  const running = last === undefined || !ended(last);
  const { data, error } = api.useGetPublicationQuery({ publication }, { pollingInterval: running ? pollEvery : 0, refetchOnMountOrArgChange: true });
  const before = useRef<boolean>(undefined);
  useEffect(() => {
    if (last === undefined) return;
    // It may be over before it is first looked at.
    if (before.current !== false && !running) dispatch(api.util.invalidateTags([...afterPublication]));
    before.current = running;
  }, [last, running, dispatch]);
  return { publication: data, error };
}

import { useCallback } from 'react';
import { useDispatch } from 'react-redux';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { api, type SignInResponse } from '@/api';
import type { Dispatch } from '@/api/dispatch';

/** Where to go after signing in: only to a path of our own, whatever the address bar says. */
export function localPath(next: string | null): string {
  if (next === null || !next.startsWith('/')) return '/';
  const url = new URL(next, window.location.origin);
  return url.origin === window.location.origin ? url.pathname + url.search : '/';
}

/** Begins to work with a new session: nothing of an earlier one is kept. */
export function useEnter(): (session: SignInResponse) => void {
  const dispatch = useDispatch<Dispatch>();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  return useCallback(
    ({ session }) => {
      dispatch(api.util.resetApiState());
      if (session !== undefined) void dispatch(api.util.upsertQueryData('getCurrentSession', undefined, session));
      void navigate(localPath(search.get('next')), { replace: true });
    },
    [dispatch, navigate, search],
  );
}

/** The token of a one-time link. It stands behind the "#", so that no server log holds it. */
export function useLinkToken(): string {
  return new URLSearchParams(useLocation().hash.slice(1)).get('token') ?? '';
}

import { createApi, type BaseQueryFn } from '@reduxjs/toolkit/query/react';
import { isObject } from '@/values/json';
import { currentPreview } from './preview';
import { type ApiError, offline, readError } from './error';

/** Request is what the generated endpoints ask for. */
export interface Request {
  url: string;
  method?: string;
  body?: unknown;
  params?: Record<string, unknown>;
}

const timeout = 70_000; // the server gives up after 60 seconds

function query(params: Record<string, unknown> | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * Asks the gateway. The session is a cookie that scripts cannot read; the request id ties an error that a person reports to the
 * server's log.
 */
export const ask: BaseQueryFn<Request, unknown, ApiError> = async (request, { signal, dispatch, endpoint }) => {
  const id = crypto.randomUUID();
  let response: Response;
  let text: string;
  try {
    const init: RequestInit = {
      method: request.method ?? 'GET',
      credentials: 'same-origin',
      headers: { 'X-Request-Id': id, Accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    };
    const preview = currentPreview();
    if (preview !== null) init.headers = { ...init.headers, 'Aqtra-Preview': preview };
    if (request.body !== undefined) {
      init.body = JSON.stringify(request.body);
      init.headers = { ...init.headers, 'Content-Type': 'application/json' };
    }
    response = await fetch(request.url + query(request.params), init);
    text = await response.text();
  } catch {
    return { error: offline(id) };
  }
  let body: unknown = null;
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    return { error: readError(response.status, null, id, 0) };
  }
  if (!response.ok) {
    const error = readError(response.status, body, response.headers.get('X-Request-Id') ?? id, Number(response.headers.get('Retry-After') ?? 0));
    // The session ended while a page was open: whoever shows it asks for the session again and finds out.
    if (error.status === 401 && endpoint !== 'getCurrentSession' && endpoint !== 'signIn') {
      dispatch(baseApi.util.invalidateTags(['Accounts']));
    }
    return { error };
  }
  // Whatever stands between us and the server may answer in its place: ours are objects, all of them.
  if (!isObject(body)) return { error: readError(response.status, null, id, 0) };
  return { data: body };
};

/** The one API: generated.ts adds its endpoints, index.ts says what a change makes stale. */
export const baseApi = createApi({
  reducerPath: 'api',
  baseQuery: ask,
  tagTypes: ['Accounts'],
  refetchOnReconnect: true,
  endpoints: () => ({}),
});

import type { Component } from './generated';
import { api } from '.';
import type { ApiError } from './error';

/** Most pages of 200 that one list reads. */
const maxPages = 25;

/** Reads all components of the tenant, page after page. A tenant has hundreds at most, and lists of them are searched on the spot. */
export const componentsApi = api.injectEndpoints({
  endpoints: (build) => ({
    allComponents: build.query<Component[], void>({
      async queryFn(_arg, _api, _options, ask) {
        const all: Component[] = [];
        let pageToken = '';
        for (let page = 0; page < maxPages; page++) {
          const answer = await ask({ url: '/v1/components', params: { pageSize: 200, pageToken } });
          if (answer.error !== undefined) return { error: answer.error as ApiError };
          const { components = [], nextPageToken = '' } = answer.data as { components?: Component[]; nextPageToken?: string };
          all.push(...components);
          pageToken = nextPageToken;
          if (pageToken === '') break;
        }
        return { data: all };
      },
      providesTags: ['Components'],
    }),
  }),
});

/** Whether what is live is the newest revision. */
export function stateOf(component: Component): 'draft' | 'changed' | 'live' {
  if ((component.publishedRevision ?? '0') === '0') return 'draft';
  return component.publishedRevision === component.revision ? 'live' : 'changed';
}

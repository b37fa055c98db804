import { api, type ListRunEventsResponse, type ListRunsResponse } from '@/api';

const pageSize = 50;

const paged = {
  initialPageParam: '',
  getNextPageParam: ({ nextPageToken }: { nextPageToken?: string | undefined }) => nextPageToken || undefined,
};

/** Runs and their histories, page after page. */
export const { useAllRunsInfiniteQuery, useAllRunEventsInfiniteQuery } = api.injectEndpoints({
  endpoints: (build) => ({
    allRuns: build.infiniteQuery<ListRunsResponse, void, string>({
      infiniteQueryOptions: paged,
      query: ({ pageParam }) => ({ url: '/v1/runs', params: { pageSize, pageToken: pageParam } }),
      providesTags: ['Runs'],
    }),
    allRunEvents: build.infiniteQuery<ListRunEventsResponse, string, string>({
      infiniteQueryOptions: paged,
      query: ({ queryArg, pageParam }) => ({ url: `/v1/runs/${encodeURIComponent(queryArg)}/events`, params: { pageSize: 200, pageToken: pageParam } }),
      providesTags: ['Runs'],
    }),
  }),
});

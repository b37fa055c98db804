import { api, type ApiError, type RunEvent } from '@/api';

/** Most pages of 1,000 events that are read of one run. */
const maxPages = 10;

/** Reads the whole history of a run, page after page: only its end tells where the run stands. */
export const historyApi = api.injectEndpoints({
  endpoints: (build) => ({
    runHistory: build.query<RunEvent[], string>({
      async queryFn(run, _api, _options, ask) {
        const all: RunEvent[] = [];
        let pageToken = '';
        for (let page = 0; page < maxPages; page++) {
          const answer = await ask({ url: `/v1/runs/${encodeURIComponent(run)}/events`, params: { pageSize: 1000, pageToken } });
          if (answer.error !== undefined) return { error: answer.error as ApiError };
          const { events = [], nextPageToken = '' } = answer.data as { events?: RunEvent[]; nextPageToken?: string };
          all.push(...events);
          pageToken = nextPageToken;
          if (pageToken === '') break;
        }
        return { data: all };
      },
      providesTags: ['Runs'],
    }),
  }),
});

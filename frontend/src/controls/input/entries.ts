import { api, entriesOf, type Entry, type Field, type ListEntriesResponse } from '@/api';

/** EntrySearch asks for the entries of a component in which a text is found. */
export interface EntrySearch {
  component: string;
  /** CEL, see filterFor. */
  filter: string;
}

/** How many entries are asked for at once. */
const pageSize = 25;

const entries = api.injectEndpoints({
  endpoints: (build) => ({
    searchEntries: build.infiniteQuery<ListEntriesResponse, EntrySearch, string>({
      infiniteQueryOptions: {
        initialPageParam: '',
        getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
      },
      query: ({ queryArg: { component, filter }, pageParam }) => ({
        url: `/v1/components/${encodeURIComponent(component)}/entries`,
        params: { filter, orderBy: 'name', pageSize, pageToken: pageParam },
      }),
      providesTags: (_data, _error, { component }) => entriesOf(component),
    }),
  }),
});

export const { useSearchEntriesInfiniteQuery } = entries;

/** The fields that tell entries of the same name apart: the title and the primary key, as far as they are text for people. */
export function identifying(fields: readonly Field[]): readonly string[] {
  return fields.filter((field) => (field.isTitle || field.primaryKey) && field.type === 'FIELD_TYPE_STRING' && !field.sensitive).map((field) => field.name ?? '');
}

/**
 * The condition in CEL that a text is part of the name or of one of the fields, in any case of the letters A to Z. What was typed goes
 * in as a quoted text, whose escapes are those of JSON.
 */
export function filterFor(text: string, fields: readonly string[]): string {
  const wanted = JSON.stringify(text.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  if (wanted === '""') return '';
  return ['name', ...fields].map((name) => `(entry.${name} != null && entry.${name}.lowerAscii().contains(${wanted}))`).join(' || ');
}

/** What people know an entry by: its name and what tells it from others of that name; empty when it has neither. */
export function labelOfEntry(entry: Entry, fields: readonly string[]): string {
  const parts = [entry.name, ...fields.map((name) => entry.fields?.[name])];
  return [...new Set(parts.filter((part) => typeof part === 'string' && part !== ''))].join(' · ');
}

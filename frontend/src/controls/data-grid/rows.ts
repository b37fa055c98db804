import { skipToken } from '@reduxjs/toolkit/query';
import { useMemo, useState } from 'react';
import { anyEntries, api, type Entry, type Field, type RunDataflowResponse } from '@/api';
import { isObject, type JsonObject } from '@/values/json';
import { recordOf } from '@/values/record';
import type { ValueMap } from '@/values/value';
import { decodeUntyped } from '@/values/wire';
import { quote } from './filter';

/** GridRow is a row with its typed values. */
export interface GridRow {
  id: string;
  record: ValueMap;
}

/** Rows is what a source gives. */
export interface Rows {
  rows: readonly GridRow[];
  /** Of all pages; undefined while it is not known. */
  total: number | undefined;
  loading: boolean;
  /** Nothing has come yet. */
  first: boolean;
  error: unknown;
  reload: () => void;
}

const noRows: readonly GridRow[] = [];

interface EntryRows extends Rows {
  page: number;
  hasNext: boolean;
  /** Goes to the next page or back to one that was shown; others have no key to begin at. */
  turn: (page: number) => void;
}

interface Paging {
  key: string;
  page: number;
  /** Where each page begins. */
  tokens: readonly string[];
  total: number | undefined;
}

/** Reads entries page by page, filtered and ordered by the server. */
export function useEntryRows(ask: { component: string; filter: string; search: string; orderBy: string; pageSize: number } | undefined, fields: readonly Field[]): EntryRows {
  const key = JSON.stringify(ask);
  const beginning: Paging = { key, page: 0, tokens: [''], total: undefined };
  const [kept, keep] = useState(beginning);
  const at = kept.key === key ? kept : beginning; // another question begins at its first page
  const first = at.page === 0;
  const query = api.useListEntriesQuery(ask === undefined ? skipToken : { ...ask, pageToken: at.tokens[at.page] ?? '', count: first });
  const { data, currentData, isFetching, error } = query;
  const shown = currentData ?? data;
  const rows = useMemo(() => shown?.entries?.map((entry: Entry) => ({ id: entry.id ?? '', record: recordOf(entry, fields) })) ?? noRows, [shown, fields]);
  const total = first ? numberOf(currentData?.totalSize) : at.total;
  const next = currentData?.nextPageToken ?? '';
  return {
    rows,
    total,
    loading: isFetching,
    first: shown === undefined && error === undefined,
    // An answer that is there is worth more than the reason why there is no newer one.
    error: currentData === undefined ? error : undefined,
    reload: () => (first || error === undefined ? void query.refetch() : keep(beginning)),
    page: at.page,
    hasNext: next !== '',
    turn: (page) => {
      const tokens = page === at.page + 1 && next !== '' ? [...at.tokens.slice(0, page), next] : at.tokens;
      if (page >= 0 && page < tokens.length) keep({ key, page, tokens, total });
    },
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

const flows = api.injectEndpoints({
  endpoints: (build) => ({
    // A dataflow that fills a grid reads; what others write makes it stale like a list of entries.
    dataflowRows: build.query<RunDataflowResponse, { component: string; dataflow: string; input: JsonObject; entry: string | undefined }>({
      query: ({ component, dataflow, input, entry }) => ({
        url: `/v1/components/${encodeURIComponent(component)}/dataflows/${encodeURIComponent(dataflow)}:run`,
        method: 'POST',
        body: { input, entry },
      }),
      providesTags: ['Entries', anyEntries],
    }),
  }),
});

/** Reads what a dataflow returns: a list of objects, or one. */
export function useDataflowRows(ask: { component: string; dataflow: string; entry: string | undefined } | undefined): Rows {
  const query = flows.useDataflowRowsQuery(ask === undefined ? skipToken : { ...ask, input: {} });
  const { currentData, isFetching, error } = query;
  const rows = useMemo(() => {
    const output = currentData?.output;
    const list = Array.isArray(output) ? output : isObject(output) ? [output] : [];
    return list.filter(isObject).map((one, i) => {
      const record = decodeUntyped(one);
      return { id: String(i), record: isObject(record) ? (record as ValueMap) : {} };
    });
  }, [currentData]);
  return { rows, total: rows.length, loading: isFetching, first: currentData === undefined && error === undefined, error, reload: () => void query.refetch() };
}

/** The entries that a column of references leads to, by id. They are fetched together; one that may not be read is missing. */
export function useReferred(component: string, ids: readonly string[]): ReadonlyMap<string, Entry> {
  const wanted = [...new Set(ids)].sort();
  const filter = `entry.id in [${wanted.map(quote).join(', ')}]`;
  const skip = component === '' || wanted.length === 0;
  const { data } = api.useListEntriesQuery(skip ? skipToken : { component, filter, pageSize: Math.min(wanted.length, 1000) });
  return useMemo(() => new Map(data?.entries?.map((entry) => [entry.id ?? '', entry])), [data]);
}

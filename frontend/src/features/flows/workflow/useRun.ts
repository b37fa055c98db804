import { useState } from 'react';
import { api, type ApiError, isApiError, type Run, type RunEvent } from '@/api';
import { useSession } from '@/api/session';
import type { Json } from '@/values/json';
import { historyApi } from './history';

/** How often a run is asked after while it goes on, and while it waits for somebody, in ms. */
const pace = 1500;
const slow = 5000;

const ended = new Set(['RUN_STATE_SUCCEEDED', 'RUN_STATE_FAILED', 'RUN_STATE_CANCELED']);

/** WorkflowTry follows one run of a workflow: the one that was chosen or started last. */
export interface WorkflowTry {
  start: (start: { input: Json; entry: string; businessKey: string }) => void;
  busy: boolean;
  error: ApiError | undefined;
  /** The newest runs, newest first. */
  runs: readonly Run[];
  run: Run | undefined;
  events: readonly RunEvent[];
  choose: (run: string) => void;
}

const noEvents: readonly RunEvent[] = [];

/** Starts and follows runs of the live version; nothing is asked while it is not `open`. */
export function useWorkflowRun(component: string, workflow: string, open: boolean): WorkflowTry {
  const mayRead = useSession().can('runs.read');
  const skip = !open || !mayRead;
  const [start, { error, isLoading }] = api.useStartRunMutation();
  const [chosen, setChosen] = useState<string>();
  const { data: list } = api.useListRunsQuery({ component, workflow, pageSize: 10 }, { skip });
  const runs = list?.runs ?? [];
  const id = chosen ?? runs[0]?.id ?? '';
  const [done, setDone] = useState<string>();
  const [waiting, setWaiting] = useState(false);
  const pollingInterval = done === id ? 0 : waiting ? slow : pace;
  const { currentData: run } = api.useGetRunQuery({ run: id }, { skip: skip || id === '', pollingInterval, skipPollingIfUnfocused: true });
  const { currentData: events = noEvents } = historyApi.useRunHistoryQuery(id, { skip: skip || id === '', pollingInterval, skipPollingIfUnfocused: true });
  // The history is complete only once it has the end of the run in it.
  const complete = ended.has(run?.state ?? '') && events.some((event) => /^run\.(succeeded|failed|canceled)$/.test(event.type ?? ''));
  if (complete && done !== id) setDone(id);
  if (waiting !== (run?.state === 'RUN_STATE_WAITING')) setWaiting(!waiting);
  return {
    start: async ({ input, entry, businessKey }) => {
      const answer = await start({ component, workflow, body: { input, entry, businessKey, requestId: crypto.randomUUID() } });
      if (answer.data?.id !== undefined) setChosen(answer.data.id);
    },
    busy: isLoading,
    error: isApiError(error) ? error : undefined,
    runs,
    run,
    events,
    choose: setChosen,
  };
}

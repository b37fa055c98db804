import { api, type Task } from '@/api';

/** The same arguments wherever the open tasks are shown, so that all share one answer. */
export const openTasks = { state: 'TASK_STATE_OPEN', pageSize: 100 } as const;

const pollEvery = 120_000; // ms; changes are told, this is for those that are not

const none: readonly Task[] = [];

/** The first hundred tasks that wait for the user, and whether there are more. Asked for again and again while the window is looked at. */
export function useOpenTasks(): { tasks: readonly Task[]; more: boolean } {
  const { data } = api.useListTasksQuery(openTasks, { pollingInterval: pollEvery, skipPollingIfUnfocused: true });
  return { tasks: data?.tasks ?? none, more: (data?.nextPageToken ?? '') !== '' };
}

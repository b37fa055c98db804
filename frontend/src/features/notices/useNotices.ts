import { api, type Notice } from '@/api';

/** The same arguments wherever the newest notices are shown, so that all share one answer. */
export const newest = { pageSize: 20 } as const;

const pollEvery = 120_000; // ms; changes are told, this is for those that are not

const none: readonly Notice[] = [];

/** The newest notices, and how many were not read. Asked for again and again while the window is looked at. */
export function useNotices(): { notices: readonly Notice[] | undefined; unread: number } {
  const { data } = api.useListNoticesQuery(newest, { pollingInterval: pollEvery, skipPollingIfUnfocused: true });
  return { notices: data === undefined ? undefined : (data.notices ?? none), unread: data?.unreadCount ?? 0 };
}

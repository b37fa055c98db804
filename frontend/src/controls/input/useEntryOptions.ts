import { skipToken } from '@reduxjs/toolkit/query';
import { type SyntheticEvent, type UIEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { filterFor, identifying, labelOfEntry, useSearchEntriesInfiniteQuery } from './entries';
import { useDelayed } from './useDelayed';

/** EntryOption is an entry to choose. */
export interface EntryOption {
  id: string;
  /** Undefined while it is not known. */
  label: string | undefined;
}

/**
 * What an Autocomplete needs to find entries of a component by name, title or key: they are searched on the server, page by page, while the list is
 * open. More are fetched when the end of the list comes into sight or is reached by keyboard.
 */
export function useEntryOptions(component: string) {
  const { t } = useTranslation('controls');
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const text = useDelayed(typed, 250);
  const fields = useIdentifying(component);
  const found = useSearchEntriesInfiniteQuery(open && component !== '' ? { component, filter: filterFor(text, fields) } : skipToken);
  const unnamed = t('input.entries.unnamed');
  const options = useMemo(
    () =>
      (found.data?.pages ?? [])
        .flatMap((page) => page.entries ?? [])
        .map((entry): EntryOption => ({ id: entry.id ?? '', label: labelOfEntry(entry, fields) || unnamed })),
    [found.data, fields, unnamed],
  );
  const fetchMore = () => {
    if (found.hasNextPage && !found.isFetching) void found.fetchNextPage();
  };
  const list = {
    options,
    filterOptions: (all: EntryOption[]) => all, // the server has filtered them
    getOptionLabel: (option: EntryOption) => option.label ?? '…',
    getOptionKey: (option: EntryOption) => option.id,
    isOptionEqualToValue: (a: EntryOption, b: EntryOption) => a.id === b.id,
    open,
    onOpen: () => setOpen(true),
    onClose: () => setOpen(false),
    onInputChange: (_: SyntheticEvent, next: string, reason: string) => setTyped(reason === 'input' ? next : ''),
    onHighlightChange: (_: SyntheticEvent, option: EntryOption | null) => {
      if (option !== null && option.id === options.at(-1)?.id) fetchMore();
    },
    // With the list's own way of closing, each drawing would take the highlight back to the start.
    disableCloseOnSelect: true,
    loading: found.isFetching,
    loadingText: t('input.entries.loading'),
    noOptionsText: t(found.isError ? 'input.entries.failed' : 'input.entries.none'),
    clearText: t('input.clear'),
    openText: t('input.entries.open'),
    closeText: t('input.entries.close'),
    size: 'small' as const,
    slotProps: {
      listbox: {
        onScroll: ({ currentTarget: list }: UIEvent<HTMLElement>) => {
          if (list.scrollTop + list.clientHeight > list.scrollHeight - 64) fetchMore();
        },
      },
    },
  };
  return { list, close: () => setOpen(false) };
}

/** The fields that tell entries of a component apart; none while it is not known, or for a component that is not published. */
function useIdentifying(component: string): readonly string[] {
  const { data } = api.useListPublishedComponentsQuery(component === '' ? skipToken : undefined);
  return useMemo(() => identifying(data?.components?.find(({ id }) => id === component)?.model?.fields ?? []), [data, component]);
}

/** What people know an entry by; undefined while it is fetched. */
export function useEntryName(component: string, id: string | undefined): string | undefined {
  const { t } = useTranslation('controls');
  const fields = useIdentifying(component);
  const { currentData, isError } = api.useGetEntryQuery(id === undefined || component === '' ? skipToken : { component, entry: id });
  if (currentData !== undefined) return labelOfEntry(currentData, fields) || t('input.entries.unnamed');
  return isError ? t('input.entries.hidden') : undefined;
}

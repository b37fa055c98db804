import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { localeOf } from '@/values/locale';

/** Writes a time of the server for people, in their zone and as their region does; "" for none. */
export function useTimes(): (time: string | undefined) => string {
  const { i18n } = useTranslation();
  const format = useMemo(() => new Intl.DateTimeFormat(localeOf(i18n.language), { dateStyle: 'medium', timeStyle: 'short' }), [i18n.language]);
  return useCallback((time) => (time === undefined ? '' : format.format(new Date(time))), [format]);
}

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** Writes a time of the server for people, in their zone; "" for none. */
export function useTimes(): (time: string | undefined) => string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
    return (time) => (time === undefined ? '' : format.format(new Date(time)));
  }, [i18n.language]);
}

import { useCallback, useContext, useSyncExternalStore } from 'react';
import { getI18n, I18nContext } from 'react-i18next';

/**
 * The language of the interface, for views that write values and no texts: useTranslation copies i18next for each of them, which is a tenth
 * of the time that a page of a thousand controls takes to open.
 */
export function useLanguage(): string {
  // Typed as if there were always a provider.
  const context = useContext(I18nContext) as { i18n: ReturnType<typeof getI18n> } | undefined;
  const i18n = context?.i18n ?? getI18n();
  const subscribe = useCallback(
    (listener: () => void) => {
      i18n.on('languageChanged', listener);
      return () => i18n.off('languageChanged', listener);
    },
    [i18n],
  );
  return useSyncExternalStore(subscribe, () => i18n.language);
}

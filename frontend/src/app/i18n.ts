import i18next, { type BackendModule, type i18n, type ResourceKey } from 'i18next';
import { initReactI18next } from 'react-i18next';

/** The languages of the interface. */
export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

const storageKey = 'aqtra.language';

const files = import.meta.glob<ResourceKey>(
  ['/src/*/locales/*.json', '/src/features/*/locales/*.json', '!/src/controls/**'],
  { import: 'default' },
);

/** A namespace is a room ("app", "ui", ..), a feature, or "controls", which gathers the texts of all controls. */
async function load(language: Language, namespace: string): Promise<ResourceKey> {
  if (namespace === 'controls') {
    const { controlMessages } = await import('@/controls/messages');
    return controlMessages(language) as Promise<ResourceKey>;
  }
  const file = files[`/src/features/${namespace}/locales/${language}.json`] ?? files[`/src/${namespace}/locales/${language}.json`];
  if (file === undefined) throw new Error(`no texts for ${namespace} in ${language}`);
  return file();
}

const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, namespace, done) => {
    load(language === 'de' ? 'de' : 'en', namespace).then(
      (texts) => done(null, texts),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), false),
    );
  },
};

/** The language chosen before, or the first of the browser's that we have. */
function preferred(): Language {
  const wanted = [localStorage.getItem(storageKey), ...navigator.languages];
  for (const one of wanted) {
    const found = languages.find((language) => one?.toLowerCase().startsWith(language));
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Sets up texts; each part's are loaded when it is first shown. */
export async function setUpTexts(): Promise<i18n> {
  const texts = i18next.createInstance();
  texts.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await texts
    .use(backend)
    .use(initReactI18next)
    .init({ lng: preferred(), fallbackLng: 'en', ns: ['app', 'ui'], defaultNS: 'app', interpolation: { escapeValue: false }, returnNull: false });
  return texts;
}

/** Changes the language and remembers it. */
export async function chooseLanguage(texts: i18n, language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  await texts.changeLanguage(language);
}

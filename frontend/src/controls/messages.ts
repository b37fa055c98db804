import { isObject, type JsonObject } from '@/values/json';

const files = {
  en: import.meta.glob<JsonObject>(['./locales/en.json', './*/locales/en.json'], { import: 'default' }),
  de: import.meta.glob<JsonObject>(['./locales/de.json', './*/locales/de.json'], { import: 'default' }),
};

/** Gathers the texts of all controls in one language, by type; those of `locales/` here as "common". */
export async function controlMessages(language: 'en' | 'de'): Promise<JsonObject> {
  const all = await Promise.all(
    Object.entries(files[language]).map(async ([path, load]) => {
      const folder = path.split('/').at(1);
      const texts = await load();
      return [folder === 'locales' || folder === undefined ? 'common' : folder, isObject(texts) ? texts : {}] as const;
    }),
  );
  return Object.fromEntries(all);
}

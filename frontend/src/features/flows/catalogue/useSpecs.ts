import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Spec } from '@/api';
import { translate, type Words } from './translate';

type Catalogue = Readonly<Record<'steps' | 'tasks', Readonly<Record<string, Words | undefined>>>>;

/** The specs of the server are in English. */
const translations: Readonly<Record<string, (() => Promise<Catalogue>) | undefined>> = {
  de: () => import('./de.json').then((module): Catalogue => module.default),
};

/** The kinds of step or task in the language of the interface; undefined until they are there. */
export function useSpecs(kind: keyof Catalogue, specs: readonly Spec[] | undefined): readonly Spec[] | undefined {
  const { language } = useTranslation('flows').i18n;
  const [loaded, setLoaded] = useState<{ language: string; catalogue: Catalogue }>();
  useEffect(() => {
    let gone = false;
    void translations[language]?.().then((catalogue) => {
      if (!gone) setLoaded({ language, catalogue });
    });
    return () => {
      gone = true;
    };
  }, [language]);
  return useMemo(() => {
    if (translations[language] === undefined) return specs;
    const words = loaded?.language === language ? loaded.catalogue[kind] : undefined;
    return words && specs?.map((spec) => translate(spec, words[spec.type ?? '']));
  }, [kind, specs, language, loaded]);
}

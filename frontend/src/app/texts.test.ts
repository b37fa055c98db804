import { expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '@/values/json';

const texts = import.meta.glob<JsonObject>('/src/**/locales/*.json', { eager: true, import: 'default' });
const sources = import.meta.glob<string>(['/src/**/*.{ts,tsx}', '!/src/**/*.test.*'], { eager: true, query: '?raw', import: 'default' });

function leaves(json: Json | undefined, path = ''): [string, Json | undefined][] {
  if (!isObject(json)) return [[path, json]];
  return Object.entries(json).flatMap(([key, member]) => leaves(member, path === '' ? key : `${path}.${key}`));
}

const folders = [...new Set(Object.keys(texts).map((path) => path.replace(/\/[a-z]+\.json$/, '')))];
const placeholders = (text: Json | undefined) => [...String(text).matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

it.each(folders)('%s says the same in every language', (folder) => {
  const english = new Map(leaves(texts[`${folder}/en.json`]));
  const german = new Map(leaves(texts[`${folder}/de.json`]));
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  for (const [key, text] of english) {
    expect(typeof text === 'string' && text !== '', `${key} is a text`).toBe(true);
    expect(german.get(key), key).toBeTypeOf('string');
    expect(placeholders(german.get(key)), key).toEqual(placeholders(text));
  }
});

/** Keys by namespace: the folder of a room or feature; those of controls have their control's type before them. */
const known = new Map<string, Set<string>>();
for (const folder of folders) {
  const name = folder.split('/').at(-2) ?? '';
  const control = folder.startsWith('/src/controls/');
  const namespace = control ? 'controls' : name;
  const prefix = control ? `${folder === '/src/controls/locales' ? 'common' : name}.` : '';
  const keys = known.get(namespace) ?? new Set();
  for (const [key] of leaves(texts[`${folder}/en.json`])) keys.add(prefix + key);
  known.set(namespace, keys);
}

it('every text that the sources name is there', () => {
  const missing: string[] = [];
  for (const [path, source] of Object.entries(sources)) {
    const namespaces = [...source.matchAll(/useTranslation\('(\w+)'\)/g)].map((m) => m[1] ?? '');
    if (new Set(namespaces).size !== 1) continue; // with several, the test cannot tell which one a t() belongs to
    const keys = known.get(namespaces[0] ?? '');
    for (const [, key = ''] of source.matchAll(/\bt\('([\w.]+)'[,)]/g)) {
      const plural = ['_one', '_other'].some((suffix) => keys?.has(key + suffix));
      if (!keys?.has(key) && !plural) missing.push(`${path}: ${key}`);
    }
  }
  expect(missing).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import german from './de.json';
import english from '../locales/en.json';
import { translate, type Words } from './translate';

const services = join(import.meta.dirname, '../../../../../services');

/** The sources of the servers by their path. */
const all = ['dataflow/internal/steps', 'dataflow/internal/entrywrite', 'workflow/internal/tasks'].flatMap((folder) =>
  readdirSync(join(services, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.go') && !path.endsWith('_test.go'))
    .map((path) => [`${folder}/${path}`, readFileSync(join(services, folder, path), 'utf8')] as const),
);

interface Found {
  kind: 'steps' | 'tasks';
  type: string;
  group: string;
  params: readonly string[];
}

/** What a file of the servers says of kinds of steps and tasks, and of their settings. */
function read(source: string): { type: string; group: string; params: readonly string[] } {
  const [, type = '', group = ''] = /Spec\{\s*Type:\s*"([\w-]+)",\s*Group:\s*"(\w+)"/.exec(source) ?? [];
  return { type, group, params: [...source.matchAll(/Name:\s*"(\w+)",\s*Title:/g)].map(([, name = '']) => name) };
}

const found = all.flatMap(([path, source]): Found[] => {
  const { type, group, params } = read(source);
  return type === '' ? [] : [{ kind: path.includes('/tasks/') ? 'tasks' : 'steps', type, group, params }];
});
const words: Record<'steps' | 'tasks', Record<string, Words | undefined>> = german;

it('finds the kinds of the servers', () => {
  expect(found.map((one) => one.type)).toEqual(expect.arrayContaining(['update-entry', 'join-models', 'confirm', 'try']));
  expect(found.length).toBeGreaterThan(35);
});

it.each(found)('$kind $type is translated', ({ kind, type, params, group }) => {
  const own = words[kind][type];
  expect(own?.title, type).toBeTruthy();
  expect(own?.summary, type).toBeTruthy();
  expect(params.filter((name) => own?.params[name] === undefined)).toEqual([]);
  expect(Object.keys(english.group)).toContain(group);
});

it('translates the settings that steps share, and nothing that is not there any more', () => {
  const shared = all.filter(([path]) => path.includes('/entrywrite/')).flatMap(([, source]) => read(source).params);
  expect(shared).toContain('markForDeletion');
  for (const type of ['update-entry', 'deferred-update-entry']) {
    expect(shared.filter((name) => words.steps[type]?.params[name] === undefined)).toEqual([]);
  }
  for (const kind of ['steps', 'tasks'] as const) {
    expect(Object.keys(words[kind]).filter((type) => !found.some((one) => one.kind === kind && one.type === type))).toEqual([]);
  }
});

it('leaves the words of the server where there are no others', () => {
  const spec = { type: 'x', title: 'X', summary: 'does x', params: [{ name: 'a', title: 'A', help: 'helps' }, { name: 'b', title: 'B' }] };
  expect(translate(spec, undefined)).toBe(spec);
  expect(translate(spec, { title: 'Ix', summary: 'macht x', params: { a: { title: 'Ah' } } })).toEqual({
    type: 'x', title: 'Ix', summary: 'macht x', params: [{ name: 'a', title: 'Ah', help: 'helps' }, { name: 'b', title: 'B' }],
  });
});

import { isObject } from '@/values/json';

/** Settings of one task, as the document has them. */
export type Settings = Readonly<Record<string, unknown>>;

/** A list of tasks: each an object with one name. */
export type TaskList = readonly Readonly<Record<string, Settings>>[];

/** The document of a workflow. */
export type Document = Settings;

/** Task is one task of a list, as the editor shows it. */
export interface Task {
  name: string;
  settings: Settings;
  /** Where it stands, as the server says it: "do/0/ask". */
  path: string;
  /** "set", "switch", .. or for a call the function: "call/confirm". */
  kind: string;
}

/** Block is a list of tasks within a task. */
export interface Block {
  /** What the drawing says above it; "branches" is a list whose tasks go on at once. */
  role: 'do' | 'try' | 'catch' | 'branches' | 'undo';
  /** Where it stands: "do/2/loop/do". */
  path: string;
}

const keywords = ['set', 'switch', 'for', 'wait', 'raise', 'listen', 'try', 'fork'] as const;

/** What kind of task the settings make. */
export function kindOf(settings: Settings): string {
  if (typeof settings.call === 'string') return `call/${settings.call}`;
  return keywords.find((word) => settings[word] !== undefined) ?? (settings.do === undefined ? '' : 'do');
}

function at(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)] as unknown;
  return isObject(value) ? value[step] : undefined;
}

/** The list of tasks at a path; empty when there is none. */
export function listAt(document: Document, path: string): TaskList {
  const list = path.split('/').reduce(at, document as unknown);
  return Array.isArray(list) ? (list.filter((one) => isObject(one) && Object.keys(one).length === 1) as TaskList) : [];
}

/** The tasks of a list. */
export function tasksAt(document: Document, path: string): readonly Task[] {
  return listAt(document, path).map((item, i) => {
    const [name = '', settings = {}] = Object.entries(item)[0] ?? [];
    return { name, settings, path: `${path}/${i}/${name}`, kind: kindOf(settings) };
  });
}

/** The list that a task stands in, and its place there. */
export function placeOf(path: string): { list: string; index: number } {
  const steps = path.split('/');
  return { list: steps.slice(0, -2).join('/'), index: Number(steps.at(-2)) };
}

/** A task by its path. */
export function taskAt(document: Document, path: string): Task | undefined {
  const { list, index } = placeOf(path);
  const task = list === '' ? undefined : tasksAt(document, list)[index];
  return task?.path === path ? task : undefined;
}

/** The lists of tasks within a task. */
export function blocksOf(task: Task): readonly Block[] {
  const { metadata } = task.settings;
  const undo: Block = { role: 'undo', path: `${task.path}/metadata/compensate` };
  return [...ownBlocks(task), ...(isObject(metadata) && Array.isArray(metadata.compensate) ? [undo] : [])];
}

function ownBlocks(task: Task): readonly Block[] {
  const { settings, path } = task;
  if (task.kind === 'do' || task.kind === 'for') return [{ role: 'do', path: `${path}/do` }];
  if (task.kind === 'fork') return [{ role: 'branches', path: `${path}/fork/branches` }];
  if (task.kind !== 'try') return [];
  const handler = isObject(settings.catch) && settings.catch.do !== undefined;
  return [{ role: 'try', path: `${path}/try` }, ...(handler ? [{ role: 'catch', path: `${path}/catch/do` } as const] : [])];
}

/** All lists of a document, with the task that they belong to; the first one is the workflow's own. */
export function listsOf(document: Document, list = 'do'): readonly (Block & { task: string })[] {
  const within = tasksAt(document, list).flatMap((task) =>
    blocksOf(task).flatMap((block) => [{ ...block, task: task.name }, ...listsOf(document, block.path).slice(1)]),
  );
  return [{ role: 'do', path: list, task: '' }, ...within];
}

/** The names of all tasks, wherever they stand. */
export function allNames(document: Document, list = 'do'): readonly string[] {
  return tasksAt(document, list).flatMap((task) => [task.name, ...blocksOf(task).flatMap((block) => allNames(document, block.path))]);
}

/** The deepest task that a longer path leads into, such as that of a problem: "do/0/ask/with/title" gives "do/0/ask". */
export function taskOn(document: Document, path: string): string | undefined {
  const steps = path.split('/');
  for (let n = steps.length; n >= 3; n--) {
    const one = steps.slice(0, n).join('/');
    if (taskAt(document, one) !== undefined) return one;
  }
  return undefined;
}

/** The cases of a switch, in order. */
export function casesOf(settings: Settings): readonly { name: string; when: string | undefined; then: string }[] {
  if (!Array.isArray(settings.switch)) return [];
  return settings.switch.filter(isObject).map((item) => {
    const [name = '', body] = Object.entries(item)[0] ?? [];
    const one = isObject(body) ? body : {};
    return { name, when: typeof one.when === 'string' ? one.when : undefined, then: typeof one.then === 'string' ? one.then : 'continue' };
  });
}

import { nameFrom } from '@/draft';
import { isObject } from '@/values/json';
import { allNames, blocksOf, type Document, placeOf, type Settings, type Task, taskAt, type TaskList, tasksAt } from './document';
import { directives, fallsThrough, mapJumps, thenOf, type Way, waysOf } from './jumps';

/** What an edit gives: the document, and where the task that it was about stands now. */
export interface Edited {
  document: Document;
  path: string | undefined;
}

function set(value: unknown, path: readonly string[], to: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return to;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === Number(step) ? set(item, rest, to) : item));
  const members = isObject(value) ? value : {};
  return { ...members, [step]: set(members[step], rest, to) };
}

function setList(document: Document, path: string, list: TaskList): Document {
  return set(document, path.split('/'), list) as Document;
}

function listOf(tasks: readonly Pick<Task, 'name' | 'settings'>[]): TaskList {
  return tasks.map(({ name, settings }) => ({ [name]: settings }));
}

/** Sets the settings of a task. */
export function setSettings(document: Document, path: string, settings: Settings): Document {
  return taskAt(document, path) === undefined ? document : (set(document, path.split('/'), settings) as Document);
}

/** Where a new task goes: a place in a list, or on a way between two tasks. */
export type Spot = { list: string; index: number } | { list: string; way: Way };

/** Makes a name for a task that no other has. */
export function newName(document: Document, words: string): string {
  return nameFrom(words, [...allNames(document), ...directives], 'task');
}

function withThen(task: Task, then: string): Task {
  return { ...task, settings: { ...task.settings, then } };
}

function redirect(task: Task, way: Way, to: string): Task {
  if (way.choice < 0) return withThen(task, to);
  const cases = task.settings.switch as Record<string, Settings>[];
  const changed = cases.map((item, i) =>
    i === way.choice ? Object.fromEntries(Object.entries(item).map(([name, body]) => [name, { ...body, then: to }])) : item,
  );
  return { ...task, settings: { ...task.settings, switch: changed } };
}

/**
 * Puts a task into the document. On a way, only that way leads to it, and it goes on where the way led; every other way stays what it
 * was.
 */
export function insertTask(document: Document, spot: Spot, name: string, settings: Settings): Edited {
  const tasks = tasksAt(document, spot.list);
  const added = { name, settings, path: '', kind: '' };
  if ('index' in spot) return put(document, spot.list, tasks, spot.index, added);
  const { way } = spot;
  const straight = way.to === way.from + 1 && !way.ends;
  const from = tasks[way.from];
  if (from === undefined) return { document, path: undefined };
  const others = waysOf(tasks).filter((one) => one.to === way.to && one.from === way.from && one.choice !== way.choice);
  if (straight && way.choice < 0 && others.length === 0) return put(document, spot.list, tasks, way.to, added);
  // The task above the new one would now fall into it: it says where it goes on instead.
  const after = tasks[way.to]?.name ?? 'exit';
  const kept = tasks.map((task, i) => {
    const jumps = i === way.from ? redirect(task, way, name) : task;
    const falls = i === way.to - 1 && fallsThrough(jumps) && !(i === way.from && way.choice < 0);
    const said = falls ? withThen(jumps, after) : jumps;
    return { ...said, settings: sayWhere(said, task, i, way, after, tasks.length) };
  });
  return put(document, spot.list, kept, way.to, way.ends ? withThen(added, 'end') : added);
}

/** Cases of a switch right above the new task that said "continue" go on saying where. */
function sayWhere(task: Task, before: Task, index: number, way: Way, after: string, length: number): Settings {
  if (before.kind !== 'switch' || index !== way.to - 1 || way.to > length) return task.settings;
  return mapJumps(task.settings, (then) => (then === 'continue' ? after : then));
}

function put(document: Document, list: string, tasks: readonly Task[], index: number, added: Task): Edited {
  const all = [...tasks.slice(0, index), added, ...tasks.slice(index)];
  return { document: setList(document, list, listOf(all)), path: `${list}/${index}/${added.name}` };
}

/** Removes a task. What led to it leads to where it went on. */
export function removeTask(document: Document, path: string): Document {
  const gone = taskAt(document, path);
  if (gone === undefined) return document;
  const { list, index } = placeOf(path);
  const tasks = tasksAt(document, list);
  const then = thenOf(gone.settings);
  const next = then === undefined || then === 'continue' || then === gone.name ? undefined : then;
  const onward = next ?? tasks[index + 1]?.name ?? 'exit';
  const healed = tasks.map((task, i) => {
    const led = mapJumps(task.settings, (to) => (to === gone.name ? shorter(onward, i, index, tasks) : to));
    // Who fell into it now jumps where it jumped.
    return i === index - 1 && next !== undefined && fallsThrough(task) ? withThen({ ...task, settings: led }, next) : { ...task, settings: led };
  });
  return setList(document, list, listOf(healed.toSpliced(index, 1)));
}

/** A jump to what comes next anyway is none, and one to itself would never end. */
function shorter(onward: string, from: number, gone: number, tasks: readonly Task[]): string | undefined {
  const following = from + 1 === gone ? tasks[gone + 1] : tasks[from + 1];
  return onward === (following?.name ?? 'exit') || onward === tasks[from]?.name ? undefined : onward;
}

/** Gives a task another name, and the jumps of its list with it. Nothing happens when the name is taken or not allowed. */
export function renameTask(document: Document, path: string, name: string): Edited {
  const task = taskAt(document, path);
  const { list, index } = placeOf(path);
  const tasks = tasksAt(document, list);
  const free = name !== '' && name.length <= 80 && !/[/#]/.test(name) && !(directives as readonly string[]).includes(name);
  if (task === undefined || !free || tasks.some((one) => one.name === name)) return { document, path };
  const renamed = tasks.map((one, i) => ({
    name: i === index ? name : one.name,
    settings: mapJumps(one.settings, (to) => (to === task.name ? name : to)),
  }));
  return { document: setList(document, list, listOf(renamed)), path: `${list}/${index}/${name}` };
}

/** Whether a task may be moved to a list: not into itself, and not where its name is taken. */
export function canMove(document: Document, path: string, list: string): boolean {
  const task = taskAt(document, path);
  if (task === undefined || list.startsWith(`${path}/`)) return false;
  return placeOf(path).list === list || !tasksAt(document, list).some((one) => one.name === task.name);
}

/**
 * Moves a task to a place of a list (counted before it is taken out; beyond its end is the end). Where it was, the list closes as if it had been removed; its own
 * jumps stay if their target is there.
 */
export function moveTask(document: Document, path: string, to: { list: string; index: number }): Edited {
  const task = taskAt(document, path);
  const from = placeOf(path);
  if (task === undefined || !canMove(document, path, to.list)) return { document, path };
  const same = from.list === to.list;
  const wanted = Math.min(to.index, tasksAt(document, to.list).length);
  const index = same && wanted > from.index ? wanted - 1 : wanted;
  if (same && index === from.index) return { document, path };
  const without = removeTask(document, path);
  const list = same ? to.list : shifted(to.list, from);
  const names = new Set<string>([...tasksAt(without, list).map((one) => one.name), ...directives]);
  const settings = mapJumps(task.settings, (then) => (names.has(then) ? then : undefined));
  return put(without, list, tasksAt(without, list), index, { ...task, settings });
}

/** Where a list stands once a task is taken out of another one: places after it in the same list count one less. */
function shifted(list: string, gone: { list: string; index: number }): string {
  if (!list.startsWith(`${gone.list}/`)) return list;
  const steps = list.split('/');
  const at = gone.list.split('/').length;
  const place = Number(steps[at]);
  if (place > gone.index) steps[at] = String(place - 1);
  return steps.join('/');
}

/** Adds the tasks that undo a task. */
export function addUndo(document: Document, path: string, name: string): Edited {
  const task = taskAt(document, path);
  if (task === undefined || blocksOf(task).some((block) => block.role === 'undo')) return { document, path };
  const metadata = isObject(task.settings.metadata) ? task.settings.metadata : {};
  const next = setSettings(document, path, { ...task.settings, metadata: { ...metadata, compensate: [{ [name]: { set: {} } }] } });
  return { document: next, path: `${path}/metadata/compensate/0/${name}` };
}

/** Adds a branch, with one task, to a fork. */
export function addBranch(document: Document, path: string, name: string, inner: string): Edited {
  const list = `${path}/fork/branches`;
  return insertTask(document, { list, index: tasksAt(document, list).length }, name, { do: [{ [inner]: { set: {} } }] });
}

/** Adds the tasks that take the errors of a try task. */
export function addHandler(document: Document, path: string, name: string, settings: Settings): Edited {
  const task = taskAt(document, path);
  if (task?.kind !== 'try' || blocksOf(task).some((block) => block.role === 'catch')) return { document, path };
  const handled = isObject(task.settings.catch) ? task.settings.catch : {};
  const next = setSettings(document, path, { ...task.settings, catch: { ...handled, do: [{ [name]: settings }] } });
  return { document: next, path: `${path}/catch/do/0/${name}` };
}

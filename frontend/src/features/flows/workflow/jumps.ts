import { casesOf, type Settings, type Task } from './document';

/** The places that "then" may name besides tasks. */
export const directives = ['continue', 'exit', 'end'] as const;

/** The way from one task to another, or to the end of its list. */
export interface Way {
  from: number;
  /** Place in the list; its length is the end of the list. */
  to: number;
  /** Ends the whole workflow, not only the list. */
  ends: boolean;
  /** Name of the case, for a switch. */
  label: string;
  /** Number of the case of a switch, or -1 for the way that every task has. */
  choice: number;
}

function target(tasks: readonly Task[], from: number, then: string | undefined): { to: number; ends: boolean } {
  if (then === undefined || then === '' || then === 'continue') return { to: from + 1, ends: false };
  if (then === 'exit' || then === 'end') return { to: tasks.length, ends: then === 'end' };
  const to = tasks.findIndex((task) => task.name === then);
  return { to: to < 0 ? from + 1 : to, ends: false };
}

/** Whether a switch may find no case that holds. */
function mayMiss(settings: Settings): boolean {
  return casesOf(settings).every((one) => one.when !== undefined);
}

/** Where a task goes on when it has done, as written; undefined goes on with the next one. */
export function thenOf(settings: Settings): string | undefined {
  return typeof settings.then === 'string' && settings.then !== '' ? settings.then : undefined;
}

/** All ways between the tasks of a list. */
export function waysOf(tasks: readonly Task[]): readonly Way[] {
  return tasks.flatMap((task, from) => {
    const cases = task.kind === 'switch' ? casesOf(task.settings) : [];
    const ways: Way[] = cases.map((one, choice) => ({ from, ...target(tasks, from, one.then), label: one.name, choice }));
    if (task.kind !== 'switch' || mayMiss(task.settings)) {
      ways.push({ from, ...target(tasks, from, thenOf(task.settings)), label: '', choice: -1 });
    }
    return ways;
  });
}

/** Whether a task goes on with the one below it without saying so. */
export function fallsThrough(task: Task): boolean {
  const then = thenOf(task.settings);
  return (then === undefined || then === 'continue') && (task.kind !== 'switch' || mayMiss(task.settings));
}

/** The settings with every jump replaced that `change` gives another target for. */
export function mapJumps(settings: Settings, change: (then: string) => string | undefined): Settings {
  const next: Record<string, unknown> = { ...settings };
  const then = thenOf(settings);
  if (then !== undefined) {
    const to = change(then);
    if (to === undefined) delete next.then;
    else next.then = to;
  }
  if (Array.isArray(settings.switch)) {
    next.switch = (settings.switch as Record<string, Settings>[]).map((item) =>
      Object.fromEntries(
        Object.entries(item).map(([name, body]) => [
          name,
          typeof body.then === 'string' ? { ...body, then: change(body.then) ?? 'continue' } : body,
        ]),
      ),
    );
  }
  return next;
}

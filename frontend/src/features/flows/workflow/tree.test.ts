import { describe, expect, it } from 'vitest';
import { allNames, blocksOf, type Document, kindOf, listsOf, taskAt, taskOn, tasksAt } from './document';
import { fallsThrough, waysOf } from './jumps';
import { addBranch, addHandler, addUndo, canMove, insertTask, moveTask, newName, removeTask, renameTask, setSettings } from './tree';

/** read, then by size: small is accepted, large is asked about; both are stored. */
const approval: Document = {
  do: [
    { read: { call: 'entry', with: { action: 'get' } } },
    { decide: { switch: [{ small: { when: '${ true }', then: 'accept' } }, { large: { then: 'ask' } }] } },
    { accept: { set: { answer: 1 }, then: 'store' } },
    { ask: { call: 'confirm', with: { title: 'Well?' } } },
    { store: { call: 'entry', with: { action: 'update' } } },
  ],
};

const nested: Document = {
  do: [
    { each: { for: { in: '${ input.lines }' }, do: [{ one: { set: 1 } }, { two: { set: 2 } }] } },
    { guard: { try: [{ risky: { call: 'python' } }], catch: { do: [{ tell: { set: 3 } }] } } },
    { last: { set: 4 } },
  ],
};

const names = (document: Document, list = 'do') => tasksAt(document, list).map((task) => task.name);
const ways = (document: Document, list = 'do') => {
  const tasks = tasksAt(document, list);
  const name = (at: number) => tasks[at]?.name ?? '.';
  return waysOf(tasks).map((way) => `${name(way.from)}>${name(way.to)}${way.ends ? '!' : ''}${way.label && ` ${way.label}`}`);
};
const wayTo = (document: Document, from: string, to: string) => {
  const tasks = tasksAt(document, 'do');
  const found = waysOf(tasks).find((way) => tasks[way.from]?.name === from && (tasks[way.to]?.name ?? '.') === to);
  if (found === undefined) throw new Error(`no way from ${from} to ${to}`);
  return { list: 'do', way: found };
};

const forked: Document = {
  do: [{ both: { fork: { branches: [{ one: { do: [{ first: { set: 1 } }] } }, { two: { set: 2 } }] } } }, { last: { set: 3 } }],
};

describe('a fork', () => {
  it('is a list of branches, each a task', () => {
    expect(listsOf(forked).map(({ role, path, task }) => [role, path, task])).toEqual([
      ['do', 'do', ''], ['branches', 'do/0/both/fork/branches', 'both'], ['do', 'do/0/both/fork/branches/0/one/do', 'one'],
    ]);
    expect(allNames(forked)).toEqual(['both', 'one', 'first', 'two', 'last']);
    expect(taskOn(forked, 'do/0/both/fork/branches/1/two/set')).toBe('do/0/both/fork/branches/1/two');
  });
  it('gets another branch, and gives one up', () => {
    const more = addBranch(forked, 'do/0/both', 'three', 'third');
    expect(more.path).toBe('do/0/both/fork/branches/2/three');
    expect(names(more.document, 'do/0/both/fork/branches/2/three/do')).toEqual(['third']);
    expect(names(removeTask(more.document, 'do/0/both/fork/branches/0/one'), 'do/0/both/fork/branches')).toEqual(['two', 'three']);
    const moved = moveTask(forked, 'do/1/last', { list: 'do/0/both/fork/branches', index: Infinity });
    expect(names(moved.document, 'do/0/both/fork/branches')).toEqual(['one', 'two', 'last']);
  });
});

describe('what undoes a task', () => {
  it('is a list of the task, added once', () => {
    const once = addUndo(approval, 'do/4/store', 'take_back');
    expect(once.path).toBe('do/4/store/metadata/compensate/0/take_back');
    expect(listsOf(once.document).at(-1)).toMatchObject({ role: 'undo', task: 'store' });
    expect(addUndo(once.document, 'do/4/store', 'again').document).toBe(once.document);
    const both = addHandler(addUndo({ do: [{ guard: { try: [{ risky: { set: 1 } }], catch: {} } }] }, 'do/0/guard', 'back').document, 'do/0/guard', 'tell', {});
    expect(listsOf(both.document).map(({ role }) => role)).toEqual(['do', 'try', 'catch', 'undo']);
  });
});

describe('reading a document', () => {
  it('finds tasks, kinds and lists within tasks', () => {
    expect(tasksAt(approval, 'do').map((task) => task.path)).toEqual(['do/0/read', 'do/1/decide', 'do/2/accept', 'do/3/ask', 'do/4/store']);
    expect(tasksAt(approval, 'do').map((task) => task.kind)).toEqual(['call/entry', 'switch', 'set', 'call/confirm', 'call/entry']);
    expect(kindOf({ for: {}, do: [] })).toBe('for');
    expect(tasksAt(nested, 'do').flatMap(blocksOf).map((block) => block.path)).toEqual(['do/0/each/do', 'do/1/guard/try', 'do/1/guard/catch/do']);
    expect(allNames(nested)).toEqual(['each', 'one', 'two', 'guard', 'risky', 'tell', 'last']);
    expect(tasksAt({ do: 'nonsense' }, 'do')).toEqual([]);
  });

  it('finds all lists', () => {
    const lists = listsOf({ do: [{ outer: { do: [{ guard: { try: [{ a: { set: 1 } }], catch: {} } }] } }, { b: { set: 1 } }] });
    expect(lists.map((list) => `${list.path} ${list.task}`)).toEqual(['do ', 'do/0/outer/do outer', 'do/0/outer/do/0/guard/try guard']);
  });

  it('finds the task that a problem is in', () => {
    expect(taskOn(nested, 'do/1/guard/catch/do/0/tell/set')).toBe('do/1/guard/catch/do/0/tell');
    expect(taskOn(nested, 'do/1/guard/catch/when')).toBe('do/1/guard');
    expect(taskOn(nested, 'document/dsl')).toBeUndefined();
    expect(taskAt(nested, 'do/0/last')).toBeUndefined();
  });

  it('knows the ways between tasks', () => {
    expect(ways(approval)).toEqual(['read>decide', 'decide>accept small', 'decide>ask large', 'accept>store', 'ask>store', 'store>.']);
    expect(ways({ do: [{ a: { switch: [{ x: { when: '${ a }', then: 'end' } }] } }, { b: { set: 1, then: 'exit' } }] })).toEqual(['a>.! x', 'a>b', 'b>.']);
    expect(tasksAt(approval, 'do').map(fallsThrough)).toEqual([true, false, false, true, true]);
  });
});

describe('editing a document', () => {
  it('puts a task on a way, and on no other', () => {
    const straight = insertTask(approval, wayTo(approval, 'read', 'decide'), 'note', { set: 1 });
    expect(straight.path).toBe('do/1/note');
    expect(ways(straight.document)).toContain('note>decide');
    const large = insertTask(approval, wayTo(approval, 'decide', 'ask'), 'note', { set: 1 });
    expect(ways(large.document)).toEqual(['read>decide', 'decide>accept small', 'decide>note large', 'accept>store', 'note>ask', 'ask>store', 'store>.']);
    const jump = insertTask(approval, wayTo(approval, 'accept', 'store'), 'note', { set: 1 });
    expect(ways(jump.document)).toEqual([
      'read>decide', 'decide>accept small', 'decide>ask large', 'accept>note', 'ask>store', 'note>store', 'store>.',
    ]);
  });

  it('keeps what ends the workflow', () => {
    const ends: Document = { do: [{ a: { switch: [{ x: { then: 'end' } }] } }, { b: { set: 1 } }] };
    const { document } = insertTask(ends, wayTo(ends, 'a', '.'), 'c', { set: 2 });
    expect(ways(document)).toEqual(['a>c x', 'b>.', 'c>.!']);
  });

  it('does not let a case that continued fall into the new task of another', () => {
    const both: Document = { do: [{ a: { switch: [{ x: { when: '${ p }', then: 'continue' } }, { y: { then: 'b' } }] } }, { b: { set: 1 } }] };
    const { document } = insertTask(both, { list: 'do', way: { from: 0, to: 1, ends: false, label: 'y', choice: 1 } }, 'c', { set: 2 });
    expect(ways(document)).toEqual(['a>b x', 'a>c y', 'c>b', 'b>.']);
  });

  it('heals where a task is removed', () => {
    expect(ways(removeTask(approval, 'do/2/accept'))).toEqual(['read>decide', 'decide>store small', 'decide>ask large', 'ask>store', 'store>.']);
    expect(ways(removeTask(approval, 'do/4/store'))).toEqual(['read>decide', 'decide>accept small', 'decide>ask large', 'accept>.', 'ask>.']);
    const jumps: Document = { do: [{ a: { set: 1 } }, { b: { set: 2, then: 'd' } }, { c: { set: 3 } }, { d: { set: 4 } }] };
    expect(ways(removeTask(jumps, 'do/1/b'))).toEqual(['a>d', 'c>d', 'd>.']);
    expect(removeTask(approval, 'do/9/gone')).toBe(approval);
  });

  it('renames a task and the jumps to it', () => {
    const { document, path } = renameTask(approval, 'do/3/ask', 'approve');
    expect(path).toBe('do/3/approve');
    expect(ways(document)).toContain('decide>approve large');
    for (const taken of ['store', 'end', 'a/b', '']) expect(renameTask(approval, 'do/3/ask', taken).document).toBe(approval);
  });

  it('moves a task within its list and into another', () => {
    expect(names(moveTask(nested, 'do/2/last', { list: 'do', index: 0 }).document)).toEqual(['last', 'each', 'guard']);
    expect(names(moveTask(nested, 'do/0/each', { list: 'do', index: 2 }).document)).toEqual(['guard', 'each', 'last']);
    const into = moveTask(nested, 'do/0/each', { list: 'do/1/guard/try', index: 1 });
    expect(into.path).toBe('do/0/guard/try/1/each');
    expect(names(into.document)).toEqual(['guard', 'last']);
    expect(names(into.document, 'do/0/guard/try')).toEqual(['risky', 'each']);
    expect(canMove(nested, 'do/0/each', 'do/0/each/do')).toBe(false);
    expect(moveTask(nested, 'do/0/each', { list: 'do/0/each/do', index: 0 }).document).toBe(nested);
  });

  it('fills lists, handlers and settings', () => {
    expect(insertTask({}, { list: 'do', index: 0 }, 'a', { set: 1 }).document).toEqual({ do: [{ a: { set: 1 } }] });
    const bare: Document = { do: [{ guard: { try: [{ risky: { set: 1 } }], catch: { when: '${ true }' } } }] };
    const { document, path } = addHandler(bare, 'do/0/guard', 'tell', { set: 2 });
    expect(path).toBe('do/0/guard/catch/do/0/tell');
    expect(taskAt(document, 'do/0/guard')?.settings.catch).toEqual({ when: '${ true }', do: [{ tell: { set: 2 } }] });
    expect(taskAt(setSettings(bare, 'do/0/guard/try/0/risky', { set: 5 }), 'do/0/guard/try/0/risky')?.settings).toEqual({ set: 5 });
    expect(newName(nested, 'Last')).toBe('last_2');
    expect(newName(nested, 'End')).toBe('end_2');
  });
});

import { expect, it } from 'vitest';
import { run } from '@/draft';
import { editDocument } from './commands';
import { insertTask, removeTask, renameTask } from './tree';

const component = { workflows: [{ id: 'approval', document: { do: [{ a: { set: 1 } }, { b: { set: 2, then: 'a' } }] } }, { id: 'other' }] };

it('changes the document of one workflow', () => {
  const next = run(component, editDocument('approval', 'rename', (document) => renameTask(document, 'do/0/a', 'first').document));
  expect(next.workflows?.[0]?.document).toEqual({ do: [{ first: { set: 1 } }, { b: { set: 2, then: 'first' } }] });
  expect(next.workflows?.[1]).toBe(component.workflows[1]);
  const removed = run(next, editDocument('approval', 'removeTask', (document) => removeTask(document, 'do/0/first')));
  expect(removed.workflows?.[0]?.document).toEqual({ do: [{ b: { set: 2 } }] });
});

it('fills a workflow that has no document yet', () => {
  const next = run(component, editDocument('other', 'addTask', (document) => insertTask(document, { list: 'do', index: 0 }, 'a', { set: 1 }).document));
  expect(next.workflows?.[1]?.document).toEqual({ do: [{ a: { set: 1 } }] });
});

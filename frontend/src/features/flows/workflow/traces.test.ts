import { expect, it } from 'vitest';
import { tracesOf } from './traces';

it('tells from the history where each task stands', () => {
  const events = [
    { type: 'run.started' },
    { type: 'task.started', task: 'do/0/read' },
    { type: 'task.completed', task: 'do/0/read' },
    { type: 'task.completed', task: 'do/0/read' },
    { type: 'task.waiting', task: 'do/1/ask' },
    { type: 'task.failed', task: 'do/2/store', error: { title: 'Refused' } },
  ];
  expect([...tracesOf(events)]).toEqual([
    ['do/0/read', { state: 'done', words: '× 2' }],
    ['do/1/ask', { state: 'waiting' }],
    ['do/2/store', { state: 'failed', words: 'Refused' }],
  ]);
});

it('lets go of what was ended with the task around it', () => {
  const traces = tracesOf([
    { type: 'task.waiting', task: 'do/0/both/fork/branches/0/ask' },
    { type: 'task.completed', task: 'do/0/both/fork/branches/1/quick' },
    { type: 'task.completed', task: 'do/0/both' },
  ]);
  expect([...traces.keys()]).toEqual(['do/0/both/fork/branches/1/quick', 'do/0/both']);
});

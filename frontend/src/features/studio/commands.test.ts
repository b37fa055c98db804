import { expect, it } from 'vitest';
import { run } from '@/draft';
import type { Component } from '@/api';
import { addRule, addTrigger, describe, removeRule, removeTrigger, rename, set, setRule, setTrigger } from './commands';

it.each([
  ['name', rename('Bill'), { displayName: 'Bill' }],
  ['description', describe('What we owe'), { description: 'What we owe' }],
  ['home page', set('homePage', 'all'), { settings: { hidden: true, homePage: 'all' } }],
])('sets the %s', (_, command, want) => {
  expect(run({ id: 'invoice', settings: { hidden: true } }, command)).toMatchObject({ id: 'invoice', ...want });
});

it('sets rules of access', () => {
  const one = run({ id: 'invoice' }, addRule('clerk'));
  expect(one.settings?.access).toEqual([{ role: 'clerk', operations: ['OPERATION_READ'], filter: '' }]);
  const two = run(run(one, addRule('auditor')), setRule(0, { filter: 'entry.total > 1' }));
  expect(two.settings?.access?.[0]).toMatchObject({ role: 'clerk', filter: 'entry.total > 1' });
  expect(run(two, removeRule(0)).settings?.access?.map((rule) => rule.role)).toEqual(['auditor']);
});

it('sets triggers', () => {
  const one: Component = run({ id: 'invoice' }, addTrigger('t1', 'approval'));
  expect(one.settings?.triggers).toEqual([{ id: 't1', workflow: 'approval', operation: 'OPERATION_CREATE', condition: '' }]);
  expect(run(one, setTrigger('t1', { operation: 'OPERATION_DELETE' })).settings?.triggers?.[0]).toMatchObject({ id: 't1', operation: 'OPERATION_DELETE' });
  expect(run(one, removeTrigger('t1')).settings?.triggers).toEqual([]);
  expect(run(one, removeTrigger('gone'))).toEqual(one);
});

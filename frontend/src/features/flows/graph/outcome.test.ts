import { expect, it } from 'vitest';
import { firstItem, ofRun, ofTest, tracesOf } from './outcome';

const say = (key: string, values: Record<string, string | number>) => [key, ...Object.values(values)].join(' ');

const tested = ofTest({
  output: { ok: true },
  steps: [
    { report: { step: 'read', rowsIn: '0', rowsOut: '2', duration: '0.0015s' }, items: [{ n: 1 }, { n: 2 }] },
    { report: { step: 'store', rowsIn: '2', rowsOut: '2', rowsFailed: '0', duration: '0.020s' }, items: [], skipped: ['nothing was stored'] },
    { report: { step: 'call', rowsIn: '2' }, error: 'no such entry', reason: 'ENTRY_NOT_FOUND' },
  ],
});

it('tells what each step did', () => {
  expect([...tracesOf(tested, say)]).toEqual([
    ['read', { state: 'done', words: 'run.rows 0 2 0 2' }],
    ['store', { state: 'done', words: 'run.rows 2 2 0 20, run.tried' }],
    ['call', { state: 'failed', words: 'no such entry' }],
  ]);
  expect(tracesOf(undefined, say).size).toBe(0);
});

it('marks steps that refused rows', () => {
  const ran = ofRun({ steps: [{ step: 'store', rowsIn: '3', rowsOut: '2', rowsFailed: '1', duration: '1s' }] });
  expect(tracesOf(ran, say).get('store')).toEqual({ state: 'failed', words: 'run.rowsFailed 3 2 1 1000' });
});

it('knows the step that failed, and what the others gave', () => {
  expect(tested.failed).toBe('call');
  expect(firstItem(tested, 'read')).toEqual({ n: 1 });
  expect(firstItem(tested, 'store')).toBeUndefined();
  expect(firstItem(tested, undefined)).toBeUndefined();
});

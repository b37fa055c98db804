import type { RunEvent } from '@/api';
import type { Trace } from '../drawing/Card';

const states: Readonly<Record<string, Trace['state']>> = {
  'task.started': 'running',
  'task.retried': 'running',
  'task.answered': 'running',
  'timer.fired': 'running',
  'signal.received': 'running',
  'timer.set': 'waiting',
  'task.waiting': 'waiting',
  'task.completed': 'done',
  'task.failed': 'failed',
};

/** What a run did with each task, by its path, from the run's history in order. */
export function tracesOf(events: readonly RunEvent[]): ReadonlyMap<string, Trace> {
  const traces = new Map<string, Trace>();
  const times = new Map<string, number>();
  for (const { type = '', task = '', error } of events) {
    const state = states[type];
    if (state === undefined || task === '') continue;
    if (state === 'done' || state === 'failed') {
      // What still went on within has ended with it.
      for (const [inner, trace] of traces) if (inner.startsWith(`${task}/`) && (trace.state === 'waiting' || trace.state === 'running')) traces.delete(inner);
    }
    if (state === 'done') times.set(task, (times.get(task) ?? 0) + 1);
    const n = times.get(task) ?? 0;
    const words = state === 'failed' ? error?.title || error?.detail : n > 1 ? `× ${n}` : undefined;
    traces.set(task, { state, ...(words && { words }) });
  }
  return traces;
}

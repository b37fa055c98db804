import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '@/api';
import { live, staleBy } from './stale';
import { listen, type Source } from './stream';

class Fake implements Source {
  readyState = 1;
  onopen: Source['onopen'] = null;
  onmessage: Source['onmessage'] = null;
  onerror: Source['onerror'] = null;
  end: (() => void) | undefined;
  closed = false;
  addEventListener(_: string, f: () => void) {
    this.end = f;
  }
  close() {
    this.closed = true;
  }
  open() {
    this.onopen?.(new Event('open'));
  }
  say(change: Change) {
    this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(change) }));
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror?.(new Event('error'));
  }
}

describe('listen', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const start = () => {
    const sources: Fake[] = [];
    const listener = { changed: vi.fn(), back: vi.fn(), ended: vi.fn() };
    const stop = listen(listener, () => {
      const source = new Fake();
      sources.push(source);
      return source;
    });
    return { sources, listener, stop };
  };

  it('tells the changes of a moment together', () => {
    const { sources, listener, stop } = start();
    const entry: Change = { kind: 'KIND_ENTRY', component: 'order', id: '1' };
    sources[0]?.open();
    sources[0]?.say(entry);
    sources[0]?.say(entry);
    expect(listener.changed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(300);
    expect(listener.changed).toHaveBeenCalledExactlyOnceWith([entry, entry]);
    sources[0]?.say(entry);
    vi.advanceTimersByTime(300);
    expect(listener.changed).toHaveBeenCalledTimes(2);
    expect(listener.back).not.toHaveBeenCalled();
    sources[0]?.end?.();
    expect(listener.ended).toHaveBeenCalledOnce();
    sources[0]?.say(entry);
    stop();
    expect(sources[0]?.closed).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(listener.changed).toHaveBeenCalledTimes(2);
  });

  it('connects again later and later, and says when it is back', () => {
    const { sources, listener, stop } = start();
    sources[0]?.open();
    sources[0]?.fail(0); // the browser connects again by itself
    vi.advanceTimersByTime(100_000);
    expect(sources).toHaveLength(1);
    sources[0]?.open();
    expect(listener.back).toHaveBeenCalledOnce();
    sources[0]?.fail(2);
    vi.advanceTimersByTime(1400);
    expect(sources).toHaveLength(1);
    vi.advanceTimersByTime(1200);
    expect(sources).toHaveLength(2);
    sources[1]?.fail(2);
    vi.advanceTimersByTime(2600);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(2600);
    expect(sources).toHaveLength(3);
    sources[2]?.open();
    expect(listener.back).toHaveBeenCalledTimes(2);
    sources[2]?.fail(2);
    stop();
    vi.advanceTimersByTime(100_000);
    expect(sources).toHaveLength(3);
  });
});

describe('staleBy', () => {
  it.each<[string, Change[], readonly unknown[], boolean]>([
    ['nothing', [], [], false],
    ['an entry', [{ kind: 'KIND_ENTRY', component: 'order', id: '1' }], [{ type: 'Entries', id: 'order' }, { type: 'Entries', id: '*' }], false],
    [
      'many',
      [{ kind: 'KIND_ENTRY', component: 'order' }, { kind: 'KIND_ENTRY', component: 'order' }, { kind: 'KIND_TASK' }, { kind: 'KIND_RUN' }],
      [{ type: 'Entries', id: 'order' }, { type: 'Entries', id: '*' }, 'Tasks', 'Runs'],
      false,
    ],
    ['a revision', [{ kind: 'KIND_COMPONENT', component: 'order', id: 'order' }], ['Components'], false],
    ['a publication', [{ kind: 'KIND_PUBLICATION', id: 'p' }], ['Publications', 'Components'], false],
    ['a release', [{ kind: 'KIND_PUBLICATION' }], ['Publications', 'Components'], true],
    ['anything', [{}], live, false],
  ])('%s', (_, changes, tags, released) => {
    expect(staleBy(changes)).toEqual({ tags, released });
  });
});

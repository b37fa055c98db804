import type { Change } from '@/api';

const address = '/v1/changes:watch';
const gather = 300; // ms; what comes in a moment is told together
const firstWait = 2_000; // ms, doubled with every attempt that fails
const lastWait = 60_000; // ms

/** What hears of changes. */
export interface Listener {
  /** Changes of a moment. */
  changed: (changes: readonly Change[]) => void;
  /** The stream was away for a while: anything may have changed. */
  back: () => void;
  /** The server ended the stream, because the session is no more or is another one. */
  ended: () => void;
}

/** What of an EventSource is used. */
export interface Source {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent<string>) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener: (type: string, listener: () => void) => void;
  close: () => void;
}

/** Listens to the server's changes until the function that it returns is called. It connects again by itself. */
export function listen(listener: Listener, open: (url: string) => Source = (url) => new EventSource(url)): () => void {
  let source: Source | undefined;
  let waiting: Change[] = [];
  let flush: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let wait = firstWait;
  let before = false;
  const tell = () => {
    flush = undefined;
    const changes = waiting;
    waiting = [];
    listener.changed(changes);
  };
  const connect = () => {
    source = open(address);
    source.onopen = () => {
      wait = firstWait;
      if (before) listener.back();
      before = true;
    };
    source.onmessage = ({ data }) => {
      waiting.push(JSON.parse(data) as Change);
      flush ??= setTimeout(tell, gather);
    };
    source.addEventListener('end', () => listener.ended());
    source.onerror = () => {
      // A lost connection the browser mends by itself; a refused one it leaves.
      if (source?.readyState !== 2) return;
      retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(2 * wait, lastWait);
    };
  };
  connect();
  return () => {
    clearTimeout(flush);
    clearTimeout(retry);
    source?.close();
  };
}

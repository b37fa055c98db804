import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** Platform is a whole aqtra of a test's own, with an empty database. */
export interface Platform {
  url: string;
  /** The one-time link that makes the first administrator. */
  setupLink: string;
  /** Ends the program at once, as a lost machine does. */
  kill: () => Promise<void>;
  /** Starts it again with the data that it left. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

const startTimeout = 90_000;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, 'localhost', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Starts the program that `make build` made (AQTRA_BIN names another folder) and waits until it has printed its link. */
export async function startPlatform(): Promise<Platform> {
  const bin = process.env.AQTRA_BIN ?? fileURLToPath(new URL('../../.bin', import.meta.url));
  const data = mkdtempSync(join(tmpdir(), 'aqtra-web-'));
  chmodSync(data, 0o755); // Postgres runs as another user
  const port = await freePort();
  const env = {
    ...process.env,
    AQTRA_DATA: data,
    AQTRA_LISTEN: `localhost:${port}`,
    AQTRA_METRICS_LISTEN: `localhost:${await freePort()}`,
  };
  const run = () => {
    const child = spawn(join(bin, 'aqtra'), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return { child, end: (signal: 'SIGINT' | 'SIGKILL') => (child.kill(signal), ended) };
  };
  let running = run();
  const stop = async () => {
    await running.end('SIGINT');
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const [setupLink] = await said(running.child, /^https:\S+#token=\S+$/m);
    return {
      url: `https://localhost:${port}`,
      setupLink,
      stop,
      kill: () => running.end('SIGKILL'),
      start: async () => {
        running = run();
        await said(running.child, /^Aqtra is ready/m);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the program has printed something. */
function said(child: ChildProcessByStdio<null, Readable, Readable>, wanted: RegExp): Promise<RegExpExecArray> {
  let output = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`aqtra is not ready:\n${output}`)), startTimeout);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = wanted.exec(output);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`aqtra ended:\n${output}`)));
  });
}

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Platform is a whole aqtra of a test's own, with an empty database. */
export interface Platform {
  url: string;
  /** The one-time link that makes the first administrator. */
  setupLink: string;
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
  const child = spawn(join(bin, 'aqtra'), {
    env: {
      ...process.env,
      AQTRA_DATA: data,
      AQTRA_LISTEN: `localhost:${port}`,
      AQTRA_METRICS_LISTEN: `localhost:${await freePort()}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  let output = '';
  try {
    const setupLink = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`aqtra is not ready:\n${output}`)), startTimeout);
      const read = (chunk: Buffer) => {
        output += chunk.toString();
        const link = /^https:\S+#token=\S+$/m.exec(output)?.[0];
        if (link !== undefined) resolve(link);
        if (link !== undefined) clearTimeout(timer);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`aqtra ended:\n${output}`)));
    });
    return { url: `https://localhost:${port}`, setupLink, stop };
  } catch (error) {
    if (child.exitCode === null) await stop();
    throw error;
  }
}

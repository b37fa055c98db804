import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Kinds of file that shrink; fonts and pictures are compressed already. */
const compressible = new Set(['.js', '.css', '.svg', '.json', '.webmanifest', '.txt']);

/**
 * Writes a .br and a .gz beside every file that shrinks, so that the gateway never compresses. index.html is left out: it differs
 * with each answer. The folder keeps its .gitkeep, which lets the gateway compile before the first build.
 */
export function compress(): Plugin {
  let folder = '';
  return {
    name: 'aqtra-compress',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    // Not before all was found and understood: a build that fails leaves the last one as it is.
    renderStart: {
      order: 'pre',
      handler() {
        mkdirSync(folder, { recursive: true });
        for (const name of readdirSync(folder)) {
          if (name !== '.gitkeep') rmSync(join(folder, name), { recursive: true });
        }
      },
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !compressible.has(extname(entry.name))) continue;
        const path = join(entry.parentPath, entry.name);
        const content = readFileSync(path);
        if (content.length < 512) continue;
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(content, {
            params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
          }),
        );
      }
    },
  };
}

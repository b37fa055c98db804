import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests in a real browser against a real server. Each file starts a server of its own; two at a time fit on two cores. */
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: { include: ['e2e/**/*.test.ts'], maxWorkers: 2, testTimeout: 300_000, hookTimeout: 120_000 },
});

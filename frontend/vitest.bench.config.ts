import { defineConfig } from 'vitest/config';

/** Measurements in a real browser, for tools/bench. */
export default defineConfig({
  test: { include: ['bench/**/*.bench.ts'], testTimeout: 180_000, hookTimeout: 120_000 },
});

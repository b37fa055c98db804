import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { firstChunks } from './build/chunks.ts';
import { compress } from './build/compress.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  plugins: [react(), compress()],
  resolve: { alias: { '@': path('./src') } },
  // The gateway replaces the word with a nonce of its own in every answer.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: path('../services/gateway/internal/web/dist'), // the gateway embeds it
    emptyOutDir: false,
    target: 'es2022',
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: firstChunks(), debugName: 'first' }] } } },
  },
  server: {
    port: 5173,
    proxy: { '/v1': { target: process.env.AQTRA_URL ?? 'https://localhost:8443', secure: false } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
  },
});

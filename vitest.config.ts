import { defineConfig } from 'vitest/config';

// Unit tests import the sources; process tests run the built bin, so `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Golden cases run side by side, each of them several processes.
    maxConcurrency: 2,
    reporters: ['default'],
  },
});

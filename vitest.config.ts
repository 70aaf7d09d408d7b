import { defineConfig } from 'vitest/config';

// Unit tests import the sources; process tests run the built bin, so `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A test that waits in vain fails, however busy the machine is; no test is there to be timed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Golden cases run side by side, each of them several processes.
    maxConcurrency: 2,
    reporters: ['default'],
  },
});

import { defineConfig } from 'vitest/config';

// Unit tests import the sources; process tests run the built bin, so `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A test that waits in vain fails, however busy the machine is; no test is there to be timed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Tests of processes wait more than they work: one file for each core, and in it golden cases side by side, each of them
    // several processes.
    maxWorkers: '100%',
    maxConcurrency: 2,
    reporters: ['default'],
  },
});

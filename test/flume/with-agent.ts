// Tests that need a real Flume agent. Where Java or Maven are missing they are passed over, and said to be; in CI that is a failure,
// since nobody would notice.
import { beforeAll, describe } from 'vitest';
import { classPathOf, missingForJava } from '../helpers/java.js';
import { pom } from './agent.js';

/** The first time Flume is fetched, 34 MB. */
const longestFetch = 300_000;

export function describeWithFlume(title: string, body: () => void): void {
  const missing = missingForJava();
  if (missing && !process.env['CI']) {
    console.warn(`not tested, since ${missing}: ${title}`);
    describe.skip(title, body);
    return;
  }
  describe(title, () => {
    beforeAll(() => {
      if (missing) throw new Error(`${missing}: in CI, what needs a Flume agent has to be tested`);
      classPathOf(pom, 'flume');
    }, longestFetch);
    body();
  });
}

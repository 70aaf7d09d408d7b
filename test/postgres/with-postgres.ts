// Tests that need a real PostgreSQL: one cluster for all tests of a block. Where it is not installed they are passed over, and
// said to be; in CI that is a failure, since nobody would notice.
import { afterAll, beforeAll, describe } from 'vitest';
import { missingForPostgres, startCluster } from './cluster.js';

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

const longestStart = 120_000;

/** `cluster()` is there once tests run. */
export function describeWithPostgres(
  title: string,
  body: (cluster: () => Cluster) => void,
  options: { readonly hasTls?: boolean } = {},
): void {
  const missing = missingForPostgres();
  if (missing && !process.env['CI']) {
    console.warn(`not tested, since ${missing}: ${title}`);
    describe.skip(title, () => body(notThere));
    return;
  }
  describe(title, () => {
    let cluster: Cluster | undefined;

    beforeAll(async () => {
      if (missing) throw new Error(`${missing}: in CI, what needs it has to be tested`);
      cluster = await startCluster(options);
    }, longestStart);

    afterAll(() => cluster?.stop());

    body(() => cluster ?? notThere());
  });
}

function notThere(): never {
  throw new Error('there is no PostgreSQL');
}

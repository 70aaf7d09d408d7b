// Tests that need a real broker: one for all tests of a block. Where Java or Maven are missing they are passed over, and said
// to be; in CI that is a failure, since nobody would notice.
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { missingForJava } from '../helpers/java.js';
import { startBroker, type BrokerSettings } from './broker.js';

export type Broker = Awaited<ReturnType<typeof startBroker>>;

/** The first time Kafka is fetched, 54 MB. */
const longestStart = 300_000;

/** `broker()` is there once tests run. */
export function describeWithKafka(
  title: string,
  settings: BrokerSettings,
  body: (broker: () => Broker) => void,
): void {
  const missing = missingForJava();
  const isCi = Boolean(process.env['CI']);
  if (missing && !isCi) {
    console.warn(`not tested, since ${missing}: ${title}`);
    describe.skip(title, () => body(notThere));
    return;
  }
  describe(title, () => {
    let broker: Broker | undefined;
    let isFailed = false;

    beforeAll(async () => {
      if (missing) throw new Error(`${missing}: in CI, what needs a Kafka broker has to be tested`);
      broker = await startBroker(settings);
    }, longestStart);

    afterEach(({ task }) => {
      isFailed ||= task.result?.state === 'fail';
    });

    afterAll(async () => {
      await broker?.stop(isFailed);
      if (broker && isFailed) console.warn(`what the broker says of it: ${broker.folder}/*/broker.log`);
    });

    body(() => broker ?? notThere());
  });
}

function notThere(): never {
  throw new Error('there is no broker');
}

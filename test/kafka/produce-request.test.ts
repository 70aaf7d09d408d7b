// The request that takes record batches as they are, against the one that kafkajs makes of the same records.
import { createRequire } from 'node:module';
import type { ProtocolRequest } from 'kafkajs/src/cluster/index.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import { describe, expect, test } from 'vitest';
import { isDone } from '../../src/kafka/answer-errors.ts';
import { produceRequest } from '../../src/kafka/produce-request.ts';
import { messagesIn } from './support.ts';

type Protocol = (options: object) => ProtocolRequest;
const { protocol } = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce/index.js') as {
  readonly protocol: (version: { version: number }) => Protocol;
};

const topic = 'orders';
const record = { key: 'k', value: 'v', timestamp: '1772366400000' };

function known(version: number, transactionalId: string | undefined): ProtocolRequest {
  return protocol({ version })({
    acks: -1,
    timeout: 30_000,
    transactionalId,
    producerId: '42',
    producerEpoch: 3,
    topicData: [{ topic, partitions: [{ partition: 7, firstSequence: 9, messages: [record] }] }],
  });
}

async function encoded({ request }: ProtocolRequest): Promise<Buffer> {
  const encoder = (await request.encode?.()) as Encoder | undefined;
  return encoder?.buffer ?? Buffer.alloc(0);
}

describe.each([3, 4, 5, 6, 7])('version %d', (version) => {
  test.each([undefined, 'sluice-job'])('is the same bytes, of the transactional id %s', async (id) => {
    const theirs = await encoded(known(version, id));
    // The batch is what stands last: its head and a record of nine bytes.
    const length = 61 + 9;
    const bytes = theirs.subarray(theirs.length - length);
    expect(messagesIn(bytes)).toMatchObject([{ key: 'k', value: 'v' }]);
    const request = produceRequest(known(version, id), topic, [{ partition: 7, bytes }], id);
    expect(request.request).toMatchObject({ apiKey: 0, apiVersion: version, apiName: 'Produce' });
    expect((await encoded(request)).toString('hex')).toBe(theirs.toString('hex'));
  });

  test('an error of one partition does not hide what became of the others', async () => {
    const int64 = Buffer.alloc(8);
    const partitions = [
      [0, 0],
      [1, 6],
      [2, 46],
    ].map(([partition, errorCode]) => {
      const answer = new Encoder().writeInt32(partition as number).writeInt16(errorCode as number);
      answer.writeBuffer(int64).writeBuffer(int64); // base offset, append time
      return version >= 5 ? answer.writeBuffer(int64) : answer; // log start
    });
    const answers = new Encoder()
      .writeArray([new Encoder().writeString(topic).writeArray(partitions)])
      .writeInt32(0).buffer;
    const { response } = produceRequest(known(version, undefined), topic, [], undefined);
    const data = await response.decode(answers);
    const parsed = (await response.parse(data as never)) as { partition: number; errorCode: number }[];
    expect(parsed).toMatchObject([
      { partition: 0, errorCode: 0 },
      { partition: 1, errorCode: 6 },
      { partition: 2, errorCode: 46 },
    ]);
    // What came a second time is there.
    expect(parsed.filter(isDone).map(({ partition }) => partition)).toEqual([0, 2]);
  });
});

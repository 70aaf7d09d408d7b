import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { committedBatches } from '../../src/kafka/committed.ts';
import { RecordReader } from '../../src/kafka/record-batch.ts';
import { javaBatch } from './java-batches.ts';
import { markAt, valuesAt } from './support.ts';

type Aborted = { readonly producer: bigint; readonly first: number };

function committed(batches: readonly Buffer[], aborted: readonly Aborted[] = []): string[] {
  const values: string[] = [];
  for (const batch of committedBatches({ bytes: Buffer.concat(batches), aborted })) {
    const record = new RecordReader(batch);
    while (record.next()) values.push(String(record.value));
  }
  return values;
}

const one = { producer: 1n, isTransactional: true };
const other = { producer: 2n, isTransactional: true };

describe('a reader of committed transactions', () => {
  test.each<[string, Buffer[], Aborted[], string[]]>([
    ['gets what is of no transaction', [valuesAt(0, ['a']), valuesAt(1, ['b'])], [], ['a', 'b']],
    [
      'gets what was committed, without the mark',
      [valuesAt(0, ['a', 'b'], one), markAt(2, 'commit', 1n), valuesAt(3, ['c'])],
      [],
      ['a', 'b', 'c'],
    ],
    [
      'does not get what was given up',
      [valuesAt(0, ['a', 'b'], one), markAt(2, 'abort', 1n), valuesAt(3, ['c'])],
      [{ producer: 1n, first: 0 }],
      ['c'],
    ],
    [
      'gets what the same producer commits after it gave up',
      [
        valuesAt(0, ['a'], one),
        markAt(1, 'abort', 1n),
        valuesAt(2, ['b'], one),
        markAt(3, 'commit', 1n),
        valuesAt(4, ['c'], one),
        markAt(5, 'abort', 1n),
      ],
      [
        { producer: 1n, first: 0 },
        { producer: 1n, first: 4 },
      ],
      ['b'],
    ],
    [
      'tells producers apart that write in turns',
      [
        valuesAt(0, ['a'], one),
        valuesAt(1, ['b'], other),
        valuesAt(2, ['c'], one),
        valuesAt(3, ['d']),
        markAt(4, 'abort', 1n),
        valuesAt(5, ['e'], other),
        markAt(6, 'commit', 2n),
      ],
      [{ producer: 1n, first: 0 }],
      ['b', 'd', 'e'],
    ],
    [
      'gets what the producer of an aborted transaction writes without one',
      [valuesAt(0, ['a'], { producer: 1n }), markAt(1, 'abort', 1n)],
      [{ producer: 1n, first: 0 }],
      ['a'],
    ],
    [
      'takes transactions that were given up in any order',
      [valuesAt(0, ['a'], one), valuesAt(1, ['b'], other), markAt(2, 'abort', 2n), markAt(3, 'abort', 1n)],
      [
        { producer: 2n, first: 1 },
        { producer: 1n, first: 0 },
      ],
      [],
    ],
    [
      'begins in the midst of a transaction that was given up',
      [valuesAt(10, ['b'], one), markAt(11, 'abort', 1n), valuesAt(12, ['c'], one), markAt(13, 'commit', 1n)],
      [{ producer: 1n, first: 3 }],
      ['c'],
    ],
    [
      'ends in the midst of a transaction that was given up',
      [valuesAt(0, ['a']), valuesAt(1, ['b'], one)],
      [{ producer: 1n, first: 1 }],
      ['a'],
    ],
    [
      'finds a transaction that begins within a batch, since compaction may have taken its first record',
      [valuesAt(4, ['a', 'b'], one), markAt(6, 'abort', 1n)],
      [{ producer: 1n, first: 5 }],
      [],
    ],
    [
      'gets what comes ahead of a transaction that is given up later',
      [valuesAt(0, ['a'], one), markAt(1, 'commit', 1n), valuesAt(2, ['b'], one), markAt(3, 'abort', 1n)],
      [{ producer: 1n, first: 2 }],
      ['a'],
    ],
  ])('%s', (_name, batches, aborted, values) => {
    expect(committed(batches, aborted)).toEqual(values);
  });

  test('reads the marks that brokers write', () => {
    const batches = [javaBatch('transactional'), javaBatch('abort'), javaBatch('transactional')];
    const aborted = [{ producer: 42n, first: 5 }];
    expect(committed(batches, aborted)).toEqual(['in']);
    expect(committed([javaBatch('transactional'), javaBatch('commit')])).toEqual(['in']);
  });

  test('does not change the list of what was given up', () => {
    const aborted = [
      { producer: 2n, first: 1 },
      { producer: 1n, first: 0 },
    ];
    committed([valuesAt(0, ['a'], one)], aborted);
    expect(aborted.map(({ first }) => first)).toEqual([1, 0]);
  });

  test('property: producers that write in turns, each transaction ending as it likes', () => {
    const step = fc.record({
      producer: fc.constantFrom(1n, 2n, 3n),
      does: fc.constantFrom('write', 'write', 'commit', 'abort', 'write without'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const batches: Buffer[] = [];
        const aborted: Aborted[] = [];
        const open = new Map<bigint, { first: number; values: string[] }>();
        const gone = new Set<string>();
        const all: string[] = [];
        for (const [offset, { producer, does }] of steps.entries()) {
          const value = `v${offset}`;
          if (does === 'write without') {
            batches.push(valuesAt(offset, [value]));
            all.push(value);
          } else if (does === 'write') {
            batches.push(valuesAt(offset, [value], { producer, isTransactional: true }));
            all.push(value);
            const transaction = open.get(producer) ?? { first: offset, values: [] };
            transaction.values.push(value);
            open.set(producer, transaction);
          } else {
            batches.push(markAt(offset, does, producer));
            const transaction = open.get(producer);
            open.delete(producer);
            if (does === 'abort' && transaction) {
              aborted.push({ producer, first: transaction.first });
              for (const each of transaction.values) gone.add(each);
            }
          }
        }
        expect(committed(batches, aborted)).toEqual(all.filter((value) => !gone.has(value)));
      }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { joinOrder } from '../../src/join/order.ts';
import type { EnvelopeStream } from '../../src/stage/further-streams.ts';
import { upstreamDied } from '../../src/stage/input.ts';
import { mergeStreams, type Merged } from '../../src/stage/merge.ts';
import { unionOrder } from '../../src/union/order.ts';
import { batch, envelope } from '../helpers/envelopes.ts';
import { mergeAll, stream } from '../helpers/streams.ts';

const heartbeat = envelope([]);
const timed = (number: number, from: number, to: number): Envelope => batch(number, [to], { from, to });

/** `0:batch 3 in 4` is batch 3 of the first stream as a part of batch 4 of the output; a `!` closes that. */
function story(merged: readonly Merged[]): string {
  return merged
    .map(({ input, header, into, closes }) => {
      if (header.end) return input === -1 ? header.end : `${input}:over`;
      if (header.batch === undefined) return `${input}:${header.n > 0 ? 'block' : 'heartbeat'}`;
      const place = into === undefined ? 'nowhere' : `${into.batch}${closes ? '!' : ''}`;
      return `${input}:${header.batch}${header.last ? '' : `.${header.part}`}>${place}`;
    })
    .join(' ');
}

async function joined(...streams: EnvelopeStream[]): Promise<string> {
  return story(await mergeAll(streams, { order: joinOrder, takesBlocks: false }));
}

async function united(...streams: EnvelopeStream[]): Promise<string> {
  return story(await mergeAll(streams, { order: unionOrder(), takesBlocks: true }));
}

describe('the order of a join', () => {
  test('by number: the right one first, into the batch of the left', async () => {
    const left = stream('l', [batch(0, []), batch(1, [])]);
    const right = stream('r', [batch(0, []), batch(1, [])]);
    expect(await joined(left, right)).toBe('1:0>0 0:0>0! 1:1>1 0:1>1! 0:over 1:over ok');
  });

  test('by interval: whose ends first', async () => {
    const left = stream('l', [timed(0, 0, 30), timed(1, 30, 60)]);
    const right = stream('r', [timed(7, 10, 20), timed(8, 20, 30), timed(9, 30, 40)]);
    expect(await joined(left, right)).toBe('1:7>0 1:8>0 0:0>0! 1:9>1 1:over 0:1>1! 0:over ok');
  });

  test('behind the end of the left, each batch of the right is one', async () => {
    const right = stream('r', [batch(0, []), batch(1, []), batch(2, [])]);
    expect(await joined(stream('l', [batch(0, [])]), right)).toBe(
      '1:0>0 0:0>0! 0:over 1:1>1! 1:2>2! 1:over ok',
    );
  });

  test('the parts of a batch stay together', async () => {
    const parts = [
      envelope([1], { batch: 0, part: 0, last: false }),
      envelope([2], { batch: 0, part: 1, last: true }),
    ];
    expect(await joined(stream('l', parts), stream('r', parts))).toBe(
      '1:0.0>0 1:0>0 0:0.0>0! 0:0>0! 0:over 1:over ok',
    );
  });
});

describe('the order of a union', () => {
  test('by number, in the order named; the last one closes', async () => {
    const streams = [[0, 1], [0], [0, 1, 2]].map((numbers, index) =>
      stream(
        `s${index}`,
        numbers.map((number) => batch(number, [])),
      ),
    );
    expect(await united(...streams)).toBe('0:0>0 1:0>0 2:0>0! 1:over 0:1>1 2:1>1! 0:over 2:2>2! 2:over ok');
  });

  test('by interval where all have one: a stream that began later joins in', async () => {
    const streams = [
      stream('a', [timed(0, 0, 10), timed(1, 10, 20)]),
      stream('b', [timed(0, 10, 20), timed(1, 20, 30)]),
    ];
    expect(await united(...streams)).toBe('0:0>0! 0:1>1 1:0>1! 0:over 1:1>1! 1:over ok');
  });

  test.each([
    ['of one end', timed(0, 0, 20), [timed(0, 10, 20)]],
    ['that straddle', timed(0, 0, 20), [timed(0, 10, 25)]],
  ])('intervals %s and not the same are refused', async (_name, one, others) => {
    await expect(united(stream('a', [one]), stream('b', others))).rejects.toThrow(
      'a batch that begins at 10 overlaps',
    );
  });

  test('blocks come as they are, whoever has one', async () => {
    const a = stream('a', [envelope([1]), envelope([2])]);
    const b = stream('b', [envelope([3])], endEnvelope('ok'), [20]);
    expect(await united(a, b)).toBe('0:block 0:block 0:over 1:block 1:over ok');
  });
});

describe('streams that are not what they should be', () => {
  const one = (): EnvelopeStream => stream('l', [batch(0, []), batch(1, [])]);

  test('blocks have no place in a join', async () => {
    await expect(joined(one(), stream('r.env', [envelope([1])]))).rejects.toThrow(
      'the records from r.env come in blocks, and batches are needed',
    );
  });

  test('heartbeats of upstream pass, those of others do not', async () => {
    const left = stream('l', [heartbeat, batch(0, []), heartbeat]);
    const right = stream('r', [heartbeat, batch(0, []), heartbeat]);
    expect(await joined(left, right)).toBe('0:heartbeat 1:0>0 0:0>0! 0:heartbeat 0:over 1:over ok');
  });

  test.each([
    [upstreamDied, 'r.env stopped without an end envelope: whoever wrote it died'],
    ['sluice batch: oops', 'r.env failed: sluice batch: oops'],
  ])('another one that fails makes the whole fail: %s', async (reason, message) => {
    const right = stream('r.env', [batch(0, [])], endEnvelope('failed', reason));
    await expect(joined(one(), right)).rejects.toThrow(message);
  });

  test('upstream that fails is the end, also where another one is still to come', async () => {
    const left = stream('l', [batch(0, [])], endEnvelope('failed', 'why'));
    const right = stream('r', [batch(0, []), batch(1, [])], endEnvelope('ok'), [0, 100_000]);
    expect(await joined(left, right)).toBe('1:0>0 0:0>0! failed');
  });

  test('an end within a batch closes it', async () => {
    const open = envelope([1], { batch: 0, part: 0, last: false });
    expect(await joined(stream('l', [open]), stream('r', []))).toBe('1:over 0:0.0>0! 0:0>0! 0:over ok');
  });

  test('both empty', async () => {
    expect(await joined(stream('l', []), stream('r', []))).toBe('0:over 1:over ok');
  });

  test('reports of other streams are left behind', async () => {
    const report = [{ stage: 'x', in: 1, out: 1, bytes: 1, ms: 1 }];
    const settings = { order: joinOrder, takesBlocks: false };
    const streams = ['l', 'r'].map((name) => stream(name, [batch(0, [], { stages: report })]));
    const [right, left] = await mergeAll(streams, settings);
    expect([left?.header.stages, right?.header.stages]).toEqual([report, undefined]);
  });

  test('who stops reading closes all streams at once, whatever they wait for', async () => {
    const closed: string[] = [];
    const never = ['a', 'b'].map((name) => ({
      name,
      envelopes: { next: () => new Promise<never>(() => undefined) },
      close: () => void closed.push(name),
    }));
    const merging = mergeStreams(never, never[0], { order: joinOrder, takesBlocks: false });
    void merging.next();
    await merging.return?.();
    expect(closed).toEqual(['a', 'b']);
  });
});

test('the order does not depend on which stream is faster', async () => {
  const pauses = fc.array(fc.nat(3), { minLength: 1, maxLength: 4 });
  const numbers = fc.nat(4).map((count) => Array.from({ length: count }, (_, number) => number));
  const property = fc.asyncProperty(numbers, numbers, pauses, pauses, async (left, right, one, other) => {
    const streams = (pause: boolean): EnvelopeStream[] =>
      [left, right].map((batches, index) =>
        stream(
          's',
          batches.map((number) => batch(number, [])),
          endEnvelope('ok'),
          pause ? [one, other][index] : [],
        ),
      );
    for (const merge of [joined, united]) {
      const told = (text: string): string => text.replaceAll(/\d:over /g, '');
      expect(told(await merge(...streams(true)))).toBe(told(await merge(...streams(false))));
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

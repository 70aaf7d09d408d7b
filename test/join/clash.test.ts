// Names that both records of a pair would have.
import { expect, test } from 'vitest';
import { stringifyJson, type Json } from '../../src/envelope/json.ts';
import { JoinCore } from '../../src/join/join.ts';
import { keyFields } from '../../src/join/key.ts';
import { joinOrder } from '../../src/join/order.ts';
import { FurtherPositions } from '../../src/stage/further-positions.ts';
import { LateRecords } from '../../src/window/late.ts';
import { batch, recordsOf } from '../helpers/envelopes.ts';
import { keptRejects } from '../helpers/map.ts';
import { runMerged, stream } from '../helpers/streams.ts';

test('such a record is rejected, joined with none of its partners, and all others are joined', async () => {
  const rejects = keptRejects();
  const late = new LateRecords(undefined, 'join', '--lateness');
  const input = { keys: keyFields('on', ['k']), time: (record: Json) => (record as { t: number }).t };
  const core = new JoinCore(
    {
      type: 'left',
      inputs: [input, { ...input, name: 'r.env' }],
      within: 10,
      lateness: 0,
      prefix: 'r_',
      maxHeld: 1000,
    },
    { partSize: 1e6, rejects, late, further: new FurtherPositions() },
  );
  const left = [
    { k: 'a', t: 1 },
    { k: 'a', t: 2, r_x: 0 },
    { k: 'a', t: 3, r_y: 0 },
  ];
  const right = [
    { k: 'a', t: 1 },
    { k: 'a', t: 2, x: 1 },
  ];
  const streams = [stream('l', [batch(0, left)]), stream('r', [batch(0, right)])];
  const outputs = await runMerged(core, streams, { order: joinOrder, takesBlocks: false });
  expect(rejects.told).toHaveLength(1);
  expect(rejects.told[0]).toMatch(/both it and its partner have a field 'r_x'.*"t":2,/);
  const pairs = recordsOf(outputs).map((pair) => stringifyJson(pair));
  expect(pairs.toSorted()).toEqual([
    '{"k":"a","t":1,"r_t":1}',
    '{"k":"a","t":1,"r_t":2,"r_x":1}',
    '{"k":"a","t":3,"r_y":0,"r_t":1}',
    '{"k":"a","t":3,"r_y":0,"r_t":2,"r_x":1}',
  ]);
});

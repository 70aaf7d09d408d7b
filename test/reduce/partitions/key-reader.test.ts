import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Json } from '../../../src/envelope/json.ts';
import { PartRecords } from '../../../src/map/part-records.ts';
import { identityOfKey } from '../../../src/record/identity.ts';
import { namedFields } from '../../../src/record/named-fields.ts';
import { keyReaderFor } from '../../../src/reduce/partitions/key-reader.ts';
import { envelope } from '../../helpers/envelopes.ts';

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>('a', 'ü', '"', 'null', null, true, 1, '1', -0.5, 1e21, 2 ** 53, ['x'], { b: 1 }),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const record: fc.Arbitrary<Json> = fc.oneof(
  fc.dictionary(fc.constantFrom('a', 'b', 'c', 'ä"'), value) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>('a b c', 3, null, ['a']),
);

test.each([[['a']], [['a', 'b']], [['a.b']], [['$2']], [['a', '$1']], [[]]])(
  'of %j: what the parsed record has',
  (names) => {
    const keys = namedFields('by', names);
    // Keeps keys from one part to the next.
    const read = keyReaderFor(keys);
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const part = new PartRecords(envelope(records));
        const parsed = new PartRecords(envelope(records));
        const expected = Array.from(records.keys(), (index) => {
          const one = parsed.record(index);
          return identityOfKey(keys.map(({ field }) => field(one) ?? null));
        });
        expect(read(part)).toEqual(expected);
        for (const index of records.keys()) expect(part.end(index)).toBe(parsed.end(index));
      }),
    );
  },
);

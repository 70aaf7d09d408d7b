import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Envelope } from '../../../src/envelope/envelope.ts';
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

test('a key is the same in each part, whatever else is in it', () => {
  const read = keyReaderFor(namedFields('by', ['k']));
  const texts = [
    '12345678901234567890',
    '[12345678901234567890]',
    '"\\ud800"',
    '"ü"',
    '1.0',
    'null',
    '{"b":1e2}',
  ];
  const payloads = [
    ...texts.map((text) => [`{"k":${text}}`]),
    texts.map((text) => `{"k":${text}}`),
    // No object, so that the kernel leaves all of the part.
    [...texts.map((text) => `{"k":${text}}`), '[1]'],
  ];
  const keys = payloads.map((records) => read(new PartRecords(partOf(Buffer.from(records.join(','))))));
  const apart = keys.slice(0, texts.length).flat();
  expect(new Set(apart).size).toBe(texts.length);
  for (const together of keys.slice(texts.length)) expect(together.slice(0, texts.length)).toEqual(apart);
});

test('what is no UTF-8 is as long as it is', () => {
  const read = keyReaderFor(namedFields('by', ['k']));
  const part = new PartRecords(partOf(Buffer.from('{"k":"a","x":"\xff"},{"k":"b"}', 'latin1'), 2));
  expect(read(part)).toEqual(['a', 'b']);
  expect([part.end(0), part.end(1)]).toEqual([17, 27]);
});

function partOf(payload: Buffer, n?: number): Envelope {
  const count = n ?? payload.toString('latin1').split(/,(?=[{[])/).length;
  return { header: { n: count }, payload };
}

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

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { PayloadTimeReader } from '../../src/time/payload-times.ts';
import { compileTime } from '../../src/time/time-of.ts';
import { anyCharacter, envelope, failureOf } from '../helpers/envelopes.ts';

const now = Date.UTC(2026, 2, 1);

function read(field: string, records: readonly Json[]): readonly (number | string)[] {
  const { times, faults } = new PayloadTimeReader({ field }).read(envelope(records), now);
  return Array.from(times, (time, index) => faults.get(index) ?? time);
}

const ten = Date.UTC(2026, 2, 1, 10);

test.each<[string, Json, number | string]>([
  ['ts', { ts: '2026-03-01T10:00:00Z' }, ten],
  ['ts', { a: '"ts":1,', ts: ten / 1000 }, ten],
  ['ts', { a: { ts: 5 }, ts: ten }, ten],
  ['ts', { a: { ts: 5 } }, 'it has no ts, which is its time'],
  ['ts', { 'a"ts': 1, ts: ten }, ten],
  ['ts', { ts: 1_772_359_200_123_999_999n }, ten + 123],
  ['ts', { ts: true }, 'its ts is no time that is known without --time-format: true'],
  ['ts', { ts: null }, 'it has no ts, which is its time'],
  ['ts', { ts: 'soon' }, 'its ts is no time that is known without --time-format: "soon"'],
  ['ts', 'a line', 'it has no ts, which is its time'],
  ['a.b', { a: { b: ten } }, ten],
  ['$4 $5', 'h - - [01/Mar/2026:11:00:00 +0100] "GET /"', ten],
  ['$4', 'h - - [01/Mar/2026:10:00:00 +0100] "GET /"', ten],
  ['$4 $5', 'h - - [01/Mar/2026:11:00:00', 'it has no $4 $5, which is its time'],
  ['$4', 'é - - [01/Mar/2026:10:00:00 +0100] "GET /"', ten],
  ['$2', 'a\t2026-03-01T10:00:00Z\tb', ten],
  ['$1 $2 $3', 'Mar  1 10:00:00 host', ten],
  ['$1 $3', '2026-03-01 at 10:00', ten],
  ['$0', '2026-03-01T10:00:00Z', ten],
  ['$1 $2', '2026-03-01 ', 'it has no $1 $2, which is its time'],
  ['$1', '-', 'it has no $1, which is its time'],
])('%s, %#', (field, record, expected) => expect(read(field, [record])).toEqual([expected]));

test('a stamp that comes again is the same time, one that cannot be read is told each time', () => {
  const day = ten - 36_000_000;
  const fault = 'its $1 is no time that is known without --time-format: "x"';
  expect(read('$1', ['2026-03-01', '2026-03-01', 'x', 'x', '2026-03-01'])).toEqual([
    day,
    day,
    fault,
    fault,
    day,
  ]);
});

test('a payload whose header says another number of records', () => {
  const { header, payload } = envelope(['2026-03-01'], { batch: 3, part: 1 });
  const reader = new PayloadTimeReader({ field: '$1' });
  expect(failureOf(() => reader.read({ header: { ...header, n: 2 }, payload }, now))).toBe(
    "badData: batch 3, part 1 is damaged: field 'n' says 2, but there are 1 records",
  );
});

/** Records that come close to what is looked for. */
const stamp = fc.constantFrom(
  '2026-03-01T10:00:00Z',
  '[01/Mar/2026:10:00:00',
  '+0100]',
  '1772359200',
  '"ts":1,',
  '-',
);
const text = fc.oneof(
  stamp,
  fc.string({ unit: anyCharacter, maxLength: 5 }),
  fc
    .array(fc.oneof(stamp, fc.constantFrom(' ', '\t', '\\', '"', 'é', '\u00a0')), { maxLength: 8 })
    .map((pieces) => pieces.join('')),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
);
const name = fc.oneof(fc.constantFrom('ts', '$1', '"ts":', 'a"ts', 'é', '\\'), fc.string({ maxLength: 2 }));
const object = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value), fc.array(value)), {
  maxKeys: 4,
});

test('property: from bytes and from a parsed record it is the same', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('ts', '$1', '$2', '$1 $2', '$2 $3', '$0'),
      fc.array(fc.oneof(text, object), { maxLength: 5 }),
      (field, records) => {
        const timeOf = compileTime({ field });
        // JSON has no -0 and no __proto__ of its own.
        const plain = JSON.parse(JSON.stringify(records)) as Json[];
        expect(read(field, plain)).toEqual(plain.map((record) => timeOf(record, now)));
      },
    ),
    { numRuns: 3000 },
  );
});

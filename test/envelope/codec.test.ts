// encode.ts and decode.ts together: what one writes the other reads back, and foreign JSON comes out canonical.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEnvelope } from '../../src/envelope/decode.ts';
import { encodeEnvelope } from '../../src/envelope/encode.ts';
import { endEnvelope, type Envelope, type Header } from '../../src/envelope/envelope.ts';
import type { Json } from '../../src/envelope/json.ts';
import { anyCharacter, envelope, recordsOf } from '../helpers/envelopes.ts';

function lineOf(written: Envelope): string {
  return Buffer.concat(encodeEnvelope(written)).toString('utf8');
}

function read(line: string): Envelope {
  return decodeEnvelope(Buffer.from(line.replace(/\n$/, '')), 1);
}

describe('encode', () => {
  test('is canonical: known keys in order, unknown ones behind them, records last', () => {
    const { payload } = envelope(['a b', 'c']);
    const header = { to: 20, extra: true, n: 2, from: 10, last: true, part: 0, batch: 7, v: 1 } as Header;
    expect(lineOf({ header, payload })).toBe(
      '{"v":1,"batch":7,"part":0,"last":true,"n":2,"from":10,"to":20,"extra":true,"records":["a b","c"]}\n',
    );
  });

  test('a batch without records and the end', () => {
    expect(lineOf(envelope([]))).toBe('{"v":1,"n":0,"records":[]}\n');
    expect(lineOf(endEnvelope('failed', 'a "reason"'))).toBe(
      '{"v":1,"n":0,"end":"failed","reason":"a \\"reason\\"","records":[]}\n',
    );
  });

  test('a hand-made header without `v` gets one', () => {
    expect(lineOf({ header: { n: 1 }, payload: Buffer.from('1') })).toBe('{"v":1,"n":1,"records":[1]}\n');
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'keeps an unknown field called %s',
    (name) => {
      const header = `{"v":1,"n":1,"${name}":{"x":1}`;
      expect(lineOf(read(`${header},"records":[1]}`))).toBe(`${header},"records":[1]}\n`);
    },
  );
});

describe('decode, liberal in', () => {
  test.each([
    { name: 'records alone', line: '{"records":["a b"]}', header: { n: 1 }, records: ['a b'] },
    {
      name: 'records first',
      line: '{"records":[1,2],"n":2,"batch":3}',
      header: { n: 2, batch: 3 },
      records: [1, 2],
    },
    {
      name: 'spaces',
      line: ' { "v" : 1 , "n" : 1 , "records" : [ { "a" : [ 1 ] } ] } ',
      header: { v: 1, n: 1 },
      records: [{ a: [1] }],
    },
    {
      name: 'no count',
      line: '{"v":1,"batch":0,"records":["a"]}',
      header: { v: 1, batch: 0, n: 1 },
      records: ['a'],
    },
    { name: 'a carriage return behind', line: '{"records":["a"]}\r', header: { n: 1 }, records: ['a'] },
    {
      name: 'a space in empty records',
      line: '{"v":1,"n":0,"records":[ ]}',
      header: { v: 1, n: 0 },
      records: [],
    },
    {
      name: 'the marker inside a nested value',
      line: '{"v":1,"n":1,"meta":{"a":1,"records":[7]},"records":["a"]}',
      header: { v: 1, n: 1, meta: { a: 1, records: [7] } },
      records: ['a'],
    },
    {
      name: 'a list behind the records',
      line: '{"v":1,"batch":0,"n":1,"records":["a"],"tags":["b"]}',
      header: { v: 1, batch: 0, n: 1, tags: ['b'] },
      records: ['a'],
    },
    {
      name: 'a list behind records of objects, with spaces',
      line: '{"v":1,"n":2,"records":[{"a":[1],"b":"]"},"c]"] , "closed" : [{"start":0,"end":1}]}',
      header: { v: 1, n: 2, closed: [{ start: 0, end: 1 }] },
      records: [{ a: [1], b: ']' }, 'c]'],
    },
    {
      name: 'brackets and quotes in records that do end the line',
      line: '{"v":1,"n":3,"records":["a],",{"a":[1],"b":2},"],\\"x\\":["]}',
      header: { v: 1, n: 3 },
      records: ['a],', { a: [1], b: 2 }, '],"x":['],
    },
    {
      name: 'an integer beyond 2^53 in records read the slow way',
      line: '{"records":[9007199254740993]}',
      header: { n: 1 },
      records: [9007199254740993n],
    },
  ])('$name', ({ line, header, records }) => {
    const decoded = read(line);
    expect(decoded.header).toEqual(header);
    expect(recordsOf([decoded])).toEqual(records);
  });
});

const json = fc.jsonValue() as fc.Arbitrary<Json>;
/** Text that tries to look like the place where the header ends. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(',"records":[', '\\"', '"', '\\', ']}', '],"', '{"v":', '\n', '\u2028', '\ud83d\ude00'),
      fc.string({ unit: anyCharacter }),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));
const nastyJson = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    nasty,
    fc.integer(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(nasty, fc.constant('records')), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const headers = fc.record(
  {
    v: fc.constant(1),
    batch: fc.nat(),
    part: fc.nat(),
    last: fc.boolean(),
    from: fc.integer(),
    closed: fc.array(fc.record({ start: fc.integer(), end: fc.integer() }), { maxLength: 2 }),
    reduced: fc.record({
      keys: fc.array(nasty, { maxLength: 2 }),
      aggregates: fc.dictionary(nasty, nasty, { maxKeys: 2 }),
    }),
    stages: fc.array(fc.dictionary(nasty, nastyJson, { maxKeys: 2 }), { maxLength: 2 }),
    reason: nasty,
    extra: nastyJson,
  },
  { requiredKeys: ['v'] },
) as unknown as fc.Arbitrary<Omit<Header, 'n'>>;

describe('round trip', () => {
  test('property: random headers full of quotes, backslashes and the marker', () => {
    fc.assert(
      fc.property(
        headers,
        fc.array(fc.oneof(nasty, nastyJson, json), { maxLength: 4 }),
        (header, records) => {
          const sent = envelope(records, header);
          const received = read(lineOf(sent));
          expect(JSON.parse(JSON.stringify(received.header))).toEqual(
            JSON.parse(JSON.stringify(sent.header)),
          );
          expect(received.payload.equals(sent.payload)).toBe(true);
          expect(lineOf(received)).toBe(lineOf(sent));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('property: a line is the JSON that JSON.parse takes it for, in any order of keys', () => {
    const shuffled = fc.tuple(headers, fc.array(nastyJson, { maxLength: 3 })).chain(([header, records]) => {
      const members = Object.entries({ ...header, n: records.length, records });
      return fc.shuffledSubarray(members, { minLength: members.length });
    });
    fc.assert(
      fc.property(shuffled, fc.constantFrom(undefined, 1), (members, indent) => {
        const line = JSON.stringify(Object.fromEntries(members), undefined, indent).replaceAll('\n', ' ');
        const whole = JSON.parse(line) as { records: Json[] };
        const { header, payload } = read(line);
        const { records, ...expected } = whole;
        expect(JSON.parse(JSON.stringify(header))).toEqual(JSON.parse(JSON.stringify(expected)));
        expect(JSON.parse(`[${payload.toString()}]`)).toEqual(records);
      }),
      { numRuns: 500 },
    );
  });

  test('a header longer than the fast way looks at', () => {
    const sent = envelope(['a'], { batch: 0, reason: ',"records":['.repeat(10_000) });
    expect(read(lineOf(sent))).toEqual(sent);
  });
});

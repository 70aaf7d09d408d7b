// Values of messages → records, by themselves or with all that Kafka says of them.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { javaBatch, javaTime } from '../../kafka/java-batches.ts';
import { oracleBatch, type OracleRecord } from '../../kafka/oracle.ts';
import { valuesAt } from '../../kafka/support.ts';
import { batchOf, encoderFor, endless, fetched, keeping, read } from './support.ts';

describe('values as lines of a log', () => {
  test.each<[string, (string | null)[], unknown[]]>([
    ['logfmt', ['a=1', 'b=x'], [{ a: 1 }, { b: 'x' }]],
    ['logfmt', ['a=1\n', '', 'b="x\ny"\r\n', null], [{ a: 1 }, { b: 'x\ny' }]],
    [
      'regex:^(?<a>\\w+) (?<b>.*)$',
      ['x y', 'x y\nz\n'],
      [
        { a: 'x', b: 'y' },
        { a: 'x', b: 'y\nz' },
      ],
    ],
    ['syslog', ['<1>1 - - - - - - no\n  at x'], [expect.objectContaining({ message: 'no\n  at x' })]],
  ])('%s: %j', async (format, values, records) => {
    expect(read(await batchOf(values), { format }).records).toEqual(records);
  });

  test('with all that Kafka says of them; one that does not fit is rejected by its offset', async () => {
    const places: string[] = [];
    const rejects = { reject: (_: unknown, place: string) => void places.push(place), takeCount: () => 0 };
    const { records } = read(await batchOf(['a=1', 'x', 'a=2'], 5), {
      format: 'logfmt',
      withMeta: true,
      rejects,
      from: 5,
    });
    expect(records).toMatchObject([
      { offset: 5, value: { a: 1 } },
      { offset: 7, value: { a: 2 } },
    ]);
    expect(places).toEqual(['orders/3, offset 6']);
  });
});

describe('values as lines', () => {
  test.each<[string, (string | Buffer | null)[], unknown[], Record<string, number>]>([
    ['plain ones', ['a', 'b "c" \\'], ['a', 'b "c" \\'], {}],
    ['an empty one is a record', ['', 'a', ''], ['', 'a', ''], {}],
    ['nothing but empty ones', ['', ''], ['', ''], {}],
    ['a newline belongs to it', ['a\nb', 'c'], ['a\nb', 'c'], {}],
    ['a newline at its end too', ['a\n', '\n', 'c'], ['a\n', '\n', 'c'], {}],
    ['\\r is no end', ['a\r', '\r\n', 'b\rc'], ['a\r', '\r\n', 'b\rc'], {}],
    ['a byte order mark stays', ['\ufeffa', '\ufeffb\n'], ['\ufeffa', '\ufeffb\n'], {}],
    ['control characters', ['\u0000\u001f\u007f', '\u2028\n'], ['\u0000\u001f\u007f', '\u2028\n'], {}],
    ['a tombstone is none, and is counted', ['a', null, 'b', null], ['a', 'b'], { tombstones: 2 }],
    ['tombstones alone', [null], [], { tombstones: 1 }],
    [
      'what is no UTF-8 is decoded with U+FFFD and counted',
      [Buffer.from('r\xe9sum\xe9', 'latin1'), 'b', Buffer.from('\xff', 'latin1')],
      ['r\ufffdsum\ufffd', 'b', '\ufffd'],
      { damaged: 2 },
    ],
    [
      'and where there are line ends, too',
      [Buffer.from('r\xe9\n', 'latin1'), 'b', Buffer.from('\xff', 'latin1')],
      ['r\ufffd\n', 'b', '\ufffd'],
      { damaged: 2 },
    ],
  ])('%s', async (_name, values, records, counters) => {
    expect(read(await batchOf(values))).toEqual({ records, counters });
  });

  test('what is beyond --max-record is cut off, not within a character, and counted', async () => {
    const values = ['1234', '12345', '123ä', '12\n345', '12345'];
    expect(read(await batchOf(values), { maxRecord: 4 })).toEqual({
      records: ['1234', '1234', '123', '12\n3', '1234'],
      counters: { cut: 4 },
    });
  });

  test('counters are told once', async () => {
    const encoder = encoderFor({ maxRecord: 1 });
    fetched(await batchOf(['12', null, Buffer.from([0xff])]), {}, encoder).take(endless, endless);
    expect(encoder.counters()).toMatchObject({ cut: 1, tombstones: 1, damaged: 1 });
    expect(encoder.counters()).toMatchObject({ cut: 0, tombstones: 0, damaged: 0 });
    expect(encoder.cut).toBe(1);
  });

  test('property: any values come as they are', async () => {
    const value = fc.string({ unit: fc.constantFrom('a', '\r', '\n', ' ', '"', 'é', '\u0000', '\ufeff') });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1 }), async (values) => {
        expect(read(await batchOf(values)).records).toEqual(values);
      }),
    );
  });
});

describe('values as JSON', () => {
  test.each<[string, string[], string]>([
    ['keep their own bytes', ['{"a": 1.0}', '12345678901234567890'], '{"a": 1.0},12345678901234567890'],
    ['may be spread over lines', ['{\n  "a": [\r\n    1\n  ]\n}\n', '2'], '{   "a": [      1   ] },2'],
    [
      'may have line ends that are written',
      ['{"a":"x\\ny"}\n', '"\\"\\n\\\\"\n'],
      '{"a":"x\\ny"},"\\"\\n\\\\"',
    ],
    ['that are empty are passed over', ['', '1', ' ', '\n', '2'], '1,2'],
  ])('%s', async (_name, values, payload) => {
    const piece = fetched(await batchOf(values), { format: 'json' }).take(endless, endless);
    expect(piece.payload.toString()).toBe(payload);
  });

  test.each([
    ['lines', ['1', 'x y', '2', '3 4', '5']],
    ['lines with line ends', ['1\n', 'x y', '2', '3 4', '5\n']],
  ])('what is none is left out, with its partition and offset: %s', async (_name, values) => {
    const rejects = keeping();
    const bytes = await batchOf(values, 2 ** 40);
    expect(read(bytes, { format: 'json', rejects, from: 2 ** 40 }).records).toEqual([1, 2, 5]);
    expect(rejects.rejected.map(([record, place]) => [record, place])).toEqual([
      ['x y', `orders/3, offset ${2 ** 40 + 1}`],
      ['3 4', `orders/3, offset ${2 ** 40 + 3}`],
    ]);
  });

  test('the place is right behind tombstones, gaps and what was left out', async () => {
    const records: OracleRecord[] = [
      { offsetDelta: 2, value: null },
      { offsetDelta: 5, value: Buffer.from('1') },
      { offsetDelta: 9, value: Buffer.from('x') },
    ];
    const rejects = keeping();
    read(await oracleBatch(records, { firstOffset: 100 }), { format: 'json', rejects, from: 103 });
    expect(rejects.rejected.map(([, place]) => place)).toEqual(['orders/3, offset 109']);
  });

  test.each(['{"a":1}\n{"b":2}', '{"a":"x\ny"}', '"x\ry"', '"\\\n"', '[1,\n'])(
    'neither two values nor a line end within a text are one: %j',
    async (value) => {
      const rejects = keeping();
      expect(read(await batchOf([value, '1']), { format: 'json', rejects }).records).toEqual([1]);
      expect(rejects.rejected).toHaveLength(1);
    },
  );

  test('property: as JSON.parse judges', async () => {
    const value = fc.oneof(
      fc.jsonValue().map((json) => JSON.stringify(json, undefined, 2)),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\r', '1', ' ', '[', ']', ',', 'n') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 10 }), async (values) => {
        const expected = values.flatMap((text): unknown[] => {
          try {
            return [JSON.parse(text)];
          } catch {
            return [];
          }
        });
        const reading = { format: 'json', maxRecord: 1e6, rejects: keeping() } as const;
        expect(read(await batchOf(values), reading).records).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });
});

describe('with all that Kafka says', () => {
  test('records, keys, headers and tombstones of the Java client', () => {
    const bytes = javaBatch('lz4');
    const common = { topic: 'orders', partition: 3 };
    expect(read(bytes, { withMeta: true, from: 1000 })).toEqual({
      records: [
        { ...common, offset: 1000, timestamp: javaTime, key: 'k', headers: {}, value: 'first '.repeat(8) },
        {
          ...common,
          offset: 1001,
          timestamp: javaTime + 1,
          key: null,
          headers: { trace: ['1', null], spân: 'é' },
          value: 'zweite größer',
        },
        { ...common, offset: 1002, timestamp: javaTime - 5, key: '', headers: {}, value: null },
        { ...common, offset: 1003, timestamp: javaTime + 5e9, key: 'k', headers: {}, value: '' },
      ],
      counters: { tombstones: 1 },
    });
  });

  test('in an order that does not change', () => {
    const piece = fetched(valuesAt(0, ['v']), { withMeta: true }).take(endless, endless);
    expect(piece.payload.toString()).toBe(
      '{"topic":"orders","partition":3,"offset":0,"timestamp":0,"key":null,"headers":{},"value":"v"}',
    );
  });

  test('headers may be called anything', async () => {
    const headers = {
      ['__proto__']: 'p',
      constructor: 'c',
      '': 'nothing',
      'a"b\n': 'q',
      many: ['1', '2', '3'],
    };
    const bytes = await oracleBatch([{ offsetDelta: 0, value: Buffer.from('v'), headers }]);
    const piece = fetched(bytes, { withMeta: true }).take(endless, endless);
    expect(piece.payload.toString()).toContain(
      '"headers":{"__proto__":"p","constructor":"c","":"nothing","a\\"b\\n":"q","many":["1","2","3"]}',
    );
  });

  test('JSON values keep their own bytes, and what is none is left out', async () => {
    const rejects = keeping();
    const bytes = await batchOf(['{"a": 1.0}', 'x', '[1,\n2]', null]);
    const piece = fetched(bytes, { withMeta: true, format: 'json', rejects }).take(endless, endless);
    const values = piece.payload.toString().match(/"value":.*?\}(?=,\{|$)/g);
    expect(values).toEqual(['"value":{"a": 1.0}}', '"value":[1, 2]}', '"value":null}']);
    expect(piece).toMatchObject({ count: 3, messages: 4, until: 4 });
    expect(rejects.rejected.map(([, place]) => place)).toEqual(['orders/3, offset 1']);
  });

  test('the value is cut off, not what is around it', async () => {
    const bytes = await oracleBatch([
      { offsetDelta: 0, key: Buffer.from('a long key'), value: Buffer.from('12345') },
    ]);
    expect(read(bytes, { withMeta: true, maxRecord: 3 })).toMatchObject({
      records: [{ key: 'a long key', value: '123' }],
      counters: { cut: 1 },
    });
  });
});

// Grouping by fields: columns of text, and keys of JSON objects.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowFormat } from '../../src/kernel/format.ts';
import type { Columns, Fields, Kernel } from '../../src/kernel/kernel.ts';
import { allRows, bytes, numRuns, readBoth, twin, validText, wasm } from './support.ts';

const kernels: readonly (readonly [string, Kernel])[] = [
  ['wasm', wasm],
  ['ts', twin],
];

const byColumn = rowFormat([
  { name: 'key', kind: 'key' },
  { name: 'count', kind: 'count' },
  { name: 'n', kind: 'value-count' },
  { name: 'sum', kind: 'sum' },
  { name: 'min', kind: 'least' },
  { name: 'max', kind: 'greatest' },
]);

test.each(kernels)('%s: columns of lines', (_, kernel) => {
  const table = kernel.createTable({ values: 1 });
  const text = 'get 200 12\nget\t404  -\r\nput 200 1.5 more words\n\nget 200 x\n  get 200 -3';
  expect(table.addLines(Buffer.from(text), { key: 2, values: [3] })).toEqual({ records: 6, notNumbers: 1 });
  expect(allRows(table, byColumn).split('},{').length).toBe(3);
  expect(allRows(table, byColumn)).toBe(
    '{"key":"200","count":4,"n":3,"sum":10.5,"min":-3,"max":12},{"key":"404","count":1,"n":0,"sum":null,"min":null,"max":null},' +
      '{"key":"","count":1,"n":0,"sum":null,"min":null,"max":null}',
  );
});

test.each(kernels)('%s: without a key column all is one group', (_, kernel) => {
  const table = kernel.createTable({ values: 2 });
  table.addStrings(Buffer.from('"1 2","3 \\u0034"'), { key: 0, values: [2, 1] });
  expect(table.size).toBe(1);
  expect(table.group(0).values.map((value) => value.sum)).toEqual([6, 4]);
});

test.each(kernels)('%s: values beyond those that are kept are only listed', (_, kernel) => {
  const table = kernel.createTable({ values: 1, read: 3, listed: [0, 2] });
  const listed = (): number[][] => {
    const list: number[][] = [];
    table.forEachListed((...each) => list.push(each));
    return list;
  };
  table.addLines(Buffer.from('a 1 2 3\nb 4 5 6\n'), { key: 1, values: [2, 3, 4] });
  expect(listed()).toEqual(
    [0, 1].flatMap((group) => [
      [group, 0, 1 + 3 * group],
      [group, 2, 3 + 3 * group],
    ]),
  );
  const wanted = { groups: ['k'], values: ['x', 'y', 'z'] };
  table.addObjects(Buffer.from('{"k":1,"x":7,"z":0.5,"y":"text"}'), wanted, 'lines');
  expect(listed()).toEqual([
    [2, 0, 7],
    [2, 2, 0.5],
  ]);
  expect(table.group(2).values.map(({ sum }) => sum)).toEqual([7]);
  expect(() => table.addLines(Buffer.from('a'), { key: 1, values: [2] })).toThrow(RangeError);
});

test.each(kernels)('%s: results that are worked out elsewhere', (_, kernel) => {
  const format = rowFormat([
    { name: 'key', kind: 'key' },
    { name: 'p', kind: 'result', index: 1 },
    { name: 'q', kind: 'result' },
  ]);
  const table = kernel.createTable();
  table.countWords(Buffer.from('b a'));
  table.setResults(Float64Array.of(0.1, -0, NaN, 2 ** 60));
  table.order();
  const rows = '{"key":"a","p":1152921504606847000,"q":null},{"key":"b","p":0,"q":0.1}';
  expect(allRows(table, format)).toBe(rows);
  table.setResults(Float64Array.of(1, 2, 3, 4));
  // Of a group that came since there are none.
  table.countWords(Buffer.from('c'));
  expect(allRows(table, format)).toBe(
    '{"key":"b","p":2,"q":1},{"key":"a","p":4,"q":3},{"key":"c","p":null,"q":null}',
  );
  expect(table.addRows(Buffer.from(rows), format).fault?.kind).toBe('not-canonical');
});

const columns: fc.Arbitrary<Columns> = fc.oneof(
  fc.record({ key: fc.nat(6), values: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }) }),
  // As many as there may be.
  fc.record({ key: fc.nat(40), values: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 32 }) }),
);

test('lines are added as the twin adds them', () => {
  const cell = fc.oneof(
    fc.constantFrom(
      '-',
      'x',
      '1',
      '-2',
      '+3',
      '0.25',
      '.5',
      '5.',
      '1e3',
      '1e',
      '12345678901234567890',
      '0x1',
      '--1',
      '1_0',
    ),
    fc.double().map(String),
    fc.stringMatching(/^\d{1,10}$/),
    fc.stringMatching(/^\d{0,7}[ -~]$/),
    fc.constantFrom('word', 'y'.repeat(61), 'z'.repeat(130), 'é'),
  );
  const space = fc.constantFrom(' ', ' ', ' ', '\t', '  ', '\n', '\r\n', '\n\n', ' \n ');
  const text = fc.oneof(
    fc
      .array(fc.tuple(cell, space), { maxLength: 80, size: 'max' })
      .map((parts) => Buffer.from(parts.flat().join(''))),
    bytes,
  );
  fc.assert(
    fc.property(text, columns, fc.boolean(), (input, wanted, hasExtremes) => {
      const settings = { values: wanted.values.length, listed: [0, 2], maxKeys: 3, hasExtremes };
      const [fast, plain] = readBoth((table) => table.addLines(input, wanted), settings);
      expect(fast).toEqual(plain);
      const payload = Buffer.from(JSON.stringify(input.toString().split('\n')).slice(1, -1));
      const [fastStrings, plainStrings] = readBoth((table) => table.addStrings(payload, wanted), settings);
      expect(fastStrings).toEqual(plainStrings);
    }),
    { numRuns },
  );
});

test('any bytes as payload of columns', () => {
  fc.assert(
    fc.property(bytes, columns, (payload, wanted) => {
      const [fast, plain] = readBoth((table) => table.addStrings(payload, wanted), {
        values: wanted.values.length,
        listed: [1],
      });
      expect(fast).toEqual(plain);
    }),
    { numRuns },
  );
});

const twoKeys = rowFormat([
  { name: 'a', kind: 'part', index: 0 },
  { name: 'b', kind: 'part', index: 1 },
  { name: 'count', kind: 'count' },
  { name: 'sum', kind: 'sum' },
]);
const fields: Fields = { groups: ['a', 'b'], values: ['n'] };

test.each(kernels)('%s: keys of objects', (_, kernel) => {
  const rowsOf = (line: string): string => {
    const table = kernel.createTable({ values: 1 });
    expect(table.addObjects(Buffer.from(line), fields, 'lines').fault).toBeUndefined();
    return allRows(table, twoKeys);
  };
  expect(rowsOf('{"a":1,"b":"1","n":2}\n{"b":"1","a":1.0,"n":2.5}')).toBe(
    '{"a":1,"b":"1","count":2,"sum":4.5}',
  );
  expect(rowsOf('{"a":1,"a":2}')).toBe('{"a":2,"b":null,"count":1,"sum":null}');
  expect(rowsOf('{"\\u0061":"\\u0062","x":{"a":[1,"]",{}]},"b":true}')).toBe(
    '{"a":"b","b":true,"count":1,"sum":null}',
  );
  expect(rowsOf(' { "a" : { "y" : 1e2 , "x" : [ ] } , "b" : -0 } \r\n\n')).toBe(
    '{"a":{"y":100,"x":[]},"b":0,"count":1,"sum":null}',
  );
  expect(rowsOf('{"a":"\\ud83d","b":"\\ud83d\\ude00"}')).toBe('{"a":"\ufffd","b":"😀","count":1,"sum":null}');
  expect(rowsOf('{"__proto__":{"a":1},"b":1e400}')).toBe('{"a":null,"b":1e999,"count":1,"sum":null}');
});

test.each([
  ['{"a":1}\n[1]', 'not-object', 8, 1],
  ['"x"', 'not-object', 0, 0],
  ['{"a":1', 'malformed', 0, 0],
  ['{"a":01}', 'malformed', 0, 0],
  ['{"a":1,}', 'malformed', 0, 0],
  ['{"a":[1,]}', 'malformed', 0, 0],
  ['{"a":[}', 'malformed', 0, 0],
  ['{"a":tru}', 'malformed', 0, 0],
  ['{"a":1} {"a":2}', 'malformed', 0, 0],
  ['{a:1}', 'malformed', 0, 0],
  ['nonsense', 'not-object', 0, 0],
  ['}', 'malformed', 0, 0],
])('fault in %j', (text, kind, offset, record) => {
  const [fast, plain] = readBoth((table) => table.addObjects(Buffer.from(text), fields, 'lines'), {
    values: 1,
    listed: [0],
  });
  expect(fast).toEqual(plain);
  expect(fast).toMatchObject({ reading: { records: record, fault: { kind, offset, record } } });
});

test.each(kernels)('%s: where records end, and what group each has', (_, kernel) => {
  const table = kernel.createTable({ ends: true });
  const ends = (text: string, layout: 'lines' | 'array'): number[][] => {
    const list: number[][] = [];
    table.addObjects(Buffer.from(text), { groups: ['a'], values: [] }, layout);
    table.forEachEnd((group, end) => list.push([group, end]));
    return list;
  };
  expect(ends('{"a":1},{"a":"ü"} , {"a":1} ', 'array')).toEqual([
    [0, 7],
    [1, 19],
    [0, 29],
  ]);
  expect(ends('{"a":"ü"}\n{"a":1} \n', 'lines')).toEqual([
    [1, 10],
    [0, 19],
  ]);
  table.forEachListed(() => expect.fail('no numbers are listed'));
});

test('what is nested too deep is left to the caller', () => {
  const deep = (levels: number): Buffer => Buffer.from(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
  const table = wasm.createTable({ values: 1 });
  expect(table.addObjects(deep(1024), fields, 'lines').fault).toBeUndefined();
  expect(table.addObjects(deep(1025), fields, 'lines').fault?.kind).toBe('too-deep');
  expect(table.addObjects(deep(100_000), fields, 'lines').fault?.kind).toBe('too-deep');
  expect(table.addObjects(Buffer.from('?'), fields, 'lines').fault?.kind).toBe('malformed');
});

const name = fc.oneof(fc.constantFrom('a', 'b', 'n', 'aa', '', '__proto__', 'é', '"'), validText);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e21, '1', 'a', ''),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ maxLength: 12 }),
);
const json = fc.oneof(leaf, fc.jsonValue({ maxDepth: 4 }));
const objectText = fc
  .array(fc.tuple(name, json), { maxLength: 8 })
  .map(
    (pairs) =>
      `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
  );

/** Spells JSON differently: spaces, escapes that need not be, or simply wrong. */
const respelled = fc
  .tuple(
    objectText,
    fc.nat(1000),
    fc.constantFrom(' ', '\t', '\\u0041', ',', '}', '"', '1', '\\', '-', '.', 'e', '0', '[', ':', '\r'),
  )
  .map(([text, place, piece]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + piece + text.slice(at);
  });

test('objects are added as JSON.parse reads them', () => {
  const line = fc.oneof(
    { weight: 5, arbitrary: objectText },
    { weight: 2, arbitrary: respelled },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '1', 'x') },
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, isArray) => {
      const text = Buffer.from(lines.join(isArray ? ',' : '\n'));
      const [fast, plain] = readBoth((table) => table.addObjects(text, fields, isArray ? 'array' : 'lines'), {
        values: 1,
        listed: [0],
        ends: true,
      });
      expect(fast).toEqual(plain);
    }),
    { numRuns: numRuns * 2 },
  );
});

test('any bytes as objects', () => {
  fc.assert(
    fc.property(bytes, fc.boolean(), (text, isArray) => {
      for (const input of [text, Buffer.concat([Buffer.from('{"a":'), text, Buffer.from('}')])]) {
        const [fast, plain] = readBoth(
          (table) => table.addObjects(input, fields, isArray ? 'array' : 'lines'),
          { values: 1, listed: [0], ends: true },
        );
        expect(fast).toEqual(plain);
      }
    }),
    { numRuns },
  );
});

test('objects cut off at each place', () => {
  const text = Buffer.from('{"a":"x\\n\\u00e9","b":[1,{"c":-1.5e+3}],"n":12,"zz":null,"é":{"":""}}');
  for (let length = 0; length <= text.length; length++) {
    for (const layout of ['lines', 'array'] as const) {
      const [fast, plain] = readBoth((table) => table.addObjects(text.subarray(0, length), fields, layout), {
        values: 1,
        listed: [0],
        ends: true,
      });
      expect(fast).toEqual(plain);
    }
  }
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ObjectScanner } from '../../../src/join/table/object-scanner.ts';
import { anyCharacter } from '../../helpers/envelopes.ts';

/** What stands where, by its own account; undefined where it leaves the record to JSON.parse. */
function members(scanner: ObjectScanner, bytes: Buffer, start: number): [string, unknown][] | undefined {
  if (!scanner.scan(bytes, start)) return undefined;
  const { count, names, starts, ends } = scanner;
  return Array.from({ length: count }, (_, member) => [
    scanner.nameOf(names[member] as number),
    JSON.parse(bytes.toString('utf8', starts[member], ends[member])),
  ]);
}

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'id', ''),
  fc.array(anyCharacter, { maxLength: 3 }).map((list) => list.join('')),
);
const object = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });
const space = fc.constantFrom('', '', ' ', '\n\t ');

test('finds the members that JSON.parse finds, whatever stands around them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: object }, fc.jsonValue({ maxDepth: 1 })), {
        minLength: 1,
        maxLength: 8,
      }),
      space,
      fc.nat(1),
      (records, blank, indent) => {
        const texts = records.map((record) => blank + JSON.stringify(record, undefined, indent) + blank);
        const bytes = Buffer.from(texts.join(','));
        const scanner = new ObjectScanner();
        let start = 0;
        for (const [index, record] of records.entries()) {
          const found = members(scanner, bytes, start);
          const isObject = typeof record === 'object' && record !== null && !Array.isArray(record);
          const hasEscapes =
            isObject && Object.keys(record).some((key) => JSON.stringify(key) !== `"${key}"`);
          if (!isObject || hasEscapes) expect(found).toBeUndefined();
          else expect(found).toEqual(Object.entries(JSON.parse(JSON.stringify(record)) as object));
          expect(scanner.end).toBe(start + Buffer.byteLength(texts[index] as string));
          start = scanner.end + 1;
        }
      },
    ),
  );
});

test.each([
  [
    'a name twice',
    '{"a":1,"a":2}',
    [
      ['a', 1],
      ['a', 2],
    ],
  ],
  ['no members', '{ }', []],
  ['an escape in a name', '{"\\u0061":1}', undefined],
  ['no object', '["a"]', undefined],
  ['no end', '{"a":1', undefined],
  ['no value', '{"a"}', undefined],
  ['too much', '{"a":1}}', undefined],
  ['too much behind a space', '{"a":1} 2', undefined],
])('%s', (_, text, expected) => {
  const scanner = new ObjectScanner();
  const found = members(scanner, Buffer.from(text), 0);
  expect(found).toEqual(expected);
  expect(scanner.end).toBe(text.length);
});

test('a member is put in behind the last one', () => {
  for (const [text, close] of [
    ['{"a":1}', 6],
    ['{"a":[1] }', 8],
    ['{ }', 2],
  ] as const) {
    const scanner = new ObjectScanner();
    scanner.scan(Buffer.from(text), 0);
    expect(scanner.close).toBe(close);
  }
});

test('more members, and more names, than it was made for', () => {
  const scanner = new ObjectScanner();
  const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`n${index}`, index]));
  for (let round = 0; round < 2; round += 1)
    expect(members(scanner, Buffer.from(JSON.stringify(wide)), 0)).toEqual(Object.entries(wide));
  for (let index = 0; index < 5000; index += 1) scanner.scan(Buffer.from(`{"m${index}":1}`), 0);
  expect(scanner.scan(Buffer.from('{"another":1}'), 0)).toBe(true);
  expect(scanner.names[0]).toBe(-1);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refused } from '../../../src/ingest/receivers/complaints.ts';
import { messagesOf } from '../../../src/ingest/receivers/posted.ts';
import type { ServiceSettings } from '../../../src/ingest/receivers/service.ts';

const settings = { maxRecord: 1_000_000, withHeaders: false, dedupHeader: undefined } as ServiceSettings;

function recordsIn(text: string): string[] | 'refused' {
  try {
    return messagesOf(Buffer.from(text), settings).bytes.toString().split('\n').slice(0, -1);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return 'refused';
  }
}

test('property: what is an array is what JSON.parse takes for one; all else is lines', () => {
  const piece = fc.constantFrom('[', ']', '{', '}', ',', '"', ':', '1', '{}', '{"a":1}', '"a":', ' ', '\\');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `[${pieces.join('')}]`;
      let items: unknown[] | undefined;
      try {
        items = JSON.parse(text) as unknown[];
      } catch {
        // It is none.
      }
      const records = recordsIn(text);
      if (!items) expect(records).toEqual([text]);
      else if (items.every(isObject))
        expect(records === 'refused' || records.map((record) => JSON.parse(record) as unknown)).toEqual(
          items,
        );
      else expect(records).toBe('refused');
    }),
    { numRuns: 5000, examples: [[['{}', ',']], [[',']], [['{}', ']', '[', '{}']]] },
  );
});

test.each([
  ['a comma at the end', ','],
  ['nothing at all between two commas', ',,{}'],
  ['something else at the end', ',x'],
])('an array longer than what is parsed at once, with %s, is a line', (_, end) => {
  const text = `[${Array.from({ length: 8193 }, () => '{"a":1}').join(',')}${end}]`;
  expect(recordsIn(text)).toEqual([text]);
});

function isObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

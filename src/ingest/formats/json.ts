// `json`: each line is a JSON value. It is checked and passed on in its own bytes, so that numbers stay as written. A line
// that is no UTF-8 is decoded with U+FFFD for what is damaged, and counted.
import { messageOf } from '../../errors.ts';
import { processKernel } from '../../kernel/load.ts';
import type { Rejects } from '../../stage/rejects.ts';
import { damagedLines } from './damaged.ts';
import type { Encoded, Format, FormatKind, PlaceOf } from './format.ts';

class JsonFormat implements Format {
  readonly #rejects: Rejects;
  #damaged = 0;

  constructor(rejects: Rejects) {
    this.#rejects = rejects;
  }

  *encode(region: Buffer, placeOf: PlaceOf): Generator<Encoded> {
    const { bytes, values, lines, consumed } = processKernel().encodeValues(region);
    yield { payload: Buffer.from(bytes), count: values, lines };
    // What the kernel stopped at is rare: a line that is no JSON, or that only JSON.parse can judge.
    if (consumed < region.length)
      yield* this.#encodeOneByOne(region.subarray(consumed), (line) => placeOf(lines + line));
  }

  *#encodeOneByOne(region: Buffer, placeOf: PlaceOf): Generator<Encoded> {
    const records: string[] = [];
    this.#damaged += damagedLines(region);
    const lines = region.toString('utf8', 0, region.length - 1).split('\n');
    for (const [index, line] of lines.entries()) {
      const record = line.trim();
      if (record === '') continue;
      const fault = faultOf(record);
      if (fault === undefined) {
        records.push(record);
        continue;
      }
      try {
        this.#rejects.reject(line, placeOf(index), `no JSON: ${fault}`);
      } catch (failure) {
        // The lines before the one that stops the stage are good.
        yield { payload: Buffer.from(records.join(',')), count: records.length, lines: index };
        throw failure;
      }
    }
    yield { payload: Buffer.from(records.join(',')), count: records.length, lines: lines.length };
  }

  counters(): Record<string, number> {
    const damaged = this.#damaged;
    this.#damaged = 0;
    return { damaged };
  }
}

/** What is wrong with a line, or undefined. Newer versions of Node add a place that counts from the record on. */
function faultOf(record: string): string | undefined {
  if (record === '[' || record === '{') return goesOn[record];
  try {
    JSON.parse(record);
    return undefined;
  } catch (error) {
    return messageOf(error).replace(/ \(line \d+ column \d+\)$/, '');
  }
}

/** Files that are one value, or were made for people to read. */
const goesOn = {
  '[': "an array goes on in the next line: jq -c '.[]' writes each of its items in one",
  '{': 'an object goes on in the next line: jq -c . writes each in one',
};

export const jsonFormat: FormatKind = {
  name: 'json',
  isOneLine: true,
  summary: 'each line is a JSON value (NDJSON); empty lines are passed over',
  create: (rejects) => new JsonFormat(rejects),
};

// Hot path. `lines`: each line is a record, a JSON string. A line that is no UTF-8 is decoded with U+FFFD for
// what is damaged, and counted.
import { isUtf8 } from 'node:buffer';
import { processKernel } from '../../kernel/load.ts';
import { defaultPartSize } from '../../envelope/parts.ts';
import type { Encoded, Format, FormatKind } from './format.ts';

/** Output of one call; larger only for a line that alone is longer. */
const usualCapacity = defaultPartSize;

class LinesFormat implements Format {
  #damaged = 0;

  *encode(region: Buffer): Generator<Encoded> {
    let rest = region;
    let capacity = usualCapacity;
    while (rest.length > 0) {
      const { bytes, lines, consumed, damaged } = processKernel().encodeLines(rest, { capacity });
      this.#damaged += damaged;
      rest = rest.subarray(consumed);
      if (lines === 0) capacity *= 2;
      else yield { payload: Buffer.from(bytes), count: lines, lines };
    }
  }

  *encodeOne(record: Buffer): Generator<Encoded> {
    if (!isUtf8(record)) this.#damaged += 1;
    yield { payload: Buffer.from(JSON.stringify(record.toString('utf8'))), count: 1, lines: 1 };
  }

  counters(): Record<string, number> {
    const damaged = this.#damaged;
    this.#damaged = 0;
    return { damaged };
  }
}

export const linesFormat: FormatKind = {
  name: 'lines',
  summary: 'each line is a record, as text',
  create: () => new LinesFormat(),
};

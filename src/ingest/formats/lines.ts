// Hot path. `lines`: each line is a record, a JSON string. A line that is no UTF-8 is decoded with U+FFFD for
// what is damaged, and counted.
import { isUtf8 } from 'node:buffer';
import type { Encoded, Format, FormatKind } from './format.ts';

class LinesFormat implements Format {
  #damaged = 0;

  encode(region: Buffer): Encoded {
    if (!isUtf8(region)) this.#damaged += countDamaged(region);
    const text = region.toString('utf8', 0, region.length - 1);
    const lines = text.split(text.includes('\r\n') || text.endsWith('\r') ? /\r?\n|\r$/ : '\n');
    if (text.endsWith('\r')) lines.pop();
    return {
      payload: Buffer.from(JSON.stringify(lines).slice(1, -1)),
      count: lines.length,
      lines: lines.length,
    };
  }

  counters(): Record<string, number> {
    const damaged = this.#damaged;
    this.#damaged = 0;
    return { damaged };
  }
}

function countDamaged(region: Buffer): number {
  let damaged = 0;
  let start = 0;
  for (let end = region.indexOf(0x0a); end !== -1; end = region.indexOf(0x0a, start)) {
    if (!isUtf8(region.subarray(start, end))) damaged += 1;
    start = end + 1;
  }
  return damaged;
}

export const linesFormat: FormatKind = {
  name: 'lines',
  summary: 'each line is a record, as text',
  create: () => new LinesFormat(),
};

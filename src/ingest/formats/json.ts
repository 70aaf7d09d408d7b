// `json`: each line is a JSON value. It is checked and passed on in its own bytes, so that numbers stay as written.
import { messageOf } from '../../errors.ts';
import type { Rejects } from '../../stage/rejects.ts';
import type { Encoded, Format, FormatKind, LinePlace } from './format.ts';

class JsonFormat implements Format {
  readonly #rejects: Rejects;

  constructor(rejects: Rejects) {
    this.#rejects = rejects;
  }

  encode(region: Buffer, place: LinePlace): Encoded {
    const records: string[] = [];
    const lines = region.toString('utf8', 0, region.length - 1).split('\n');
    for (const [index, line] of lines.entries()) {
      const record = line.trim();
      if (record === '') continue;
      try {
        JSON.parse(record);
        records.push(record);
      } catch (error) {
        this.#rejects.reject(
          line,
          `${place.source}, line ${place.line + index}`,
          `no JSON: ${faultOf(error)}`,
        );
      }
    }
    return { payload: Buffer.from(records.join(',')), count: records.length, lines: lines.length };
  }

  counters(): Record<string, number> {
    return {};
  }
}

/** Newer versions of Node add a line and column, which count from the record and not from the file. */
function faultOf(error: unknown): string {
  return messageOf(error).replace(/ \(line \d+ column \d+\)$/, '');
}

export const jsonFormat: FormatKind = {
  name: 'json',
  summary: 'each line is a JSON value (NDJSON); empty lines are passed over',
  create: (rejects) => new JsonFormat(rejects),
};

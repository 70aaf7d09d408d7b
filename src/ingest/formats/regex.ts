// `regex:PATTERN`: a regular expression with named groups. It may take for ever on a line that almost fits, so that it runs under a
// time limit, which is asked for once for many lines, since asking costs as much as some thousand lines.
import { messageOf, SluiceError } from '../../errors.ts';
import type { Rejects } from '../../stage/rejects.ts';
import { eachWithin, longestMatch } from '../../user-code/time-limit.ts';
import { withoutEnd } from '../lines.ts';
import { damagedLines } from './damaged.ts';
import type { Encoded, Format, FormatKind, PlaceOf } from './format.ts';
import { RecordWriter } from './record-writer.ts';

/** The time for one line is that for so many as have these characters. */
const charactersAtOnce = 64 * 1024;

type Groups = Readonly<Record<string, string | undefined>>;

class RegexFormat implements Format {
  readonly #pattern: RegExp;
  readonly #slots: readonly (readonly [name: string, slot: number])[];
  readonly #writer: RecordWriter;
  readonly #rejects: Rejects;
  /** Milliseconds for one line. */
  readonly #longest: number;
  #damaged = 0;

  constructor(
    pattern: RegExp,
    names: readonly string[],
    longest: number,
    writer: RecordWriter,
    rejects: Rejects,
  ) {
    this.#longest = longest;
    this.#pattern = pattern;
    this.#slots = names.map((name) => [name, writer.slot(name)] as const).filter(([, slot]) => slot >= 0);
    this.#writer = writer;
    this.#rejects = rejects;
  }

  *encode(region: Buffer, placeOf: PlaceOf): Generator<Encoded> {
    this.#damaged += damagedLines(region);
    const length = region.at(-1) === 0x0a ? region.length - 1 : region.length;
    const lines = region
      .toString('utf8', 0, length)
      .split('\n')
      .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    let from = 0;
    while (from < lines.length) {
      let until = from;
      for (let size = 0; until < lines.length && size < charactersAtOnce; until += 1)
        size += (lines[until] as string).length;
      const matches = this.#matchAll(lines.slice(from, until));
      for (const [index, match] of matches.entries()) {
        const line = lines[from + index] as string;
        if (line === '') continue;
        const fault = typeof match === 'string' ? match : this.#record(match);
        if (fault === undefined) continue;
        try {
          this.#rejects.reject(line, placeOf(from + index), fault);
        } catch (failure) {
          // The lines before the one that stops the stage are good.
          yield { ...this.#writer.take(), lines: index };
          throw failure;
        }
      }
      yield { ...this.#writer.take(), lines: until - from };
      from = until;
    }
  }

  *encodeOne(record: Buffer, place: string): Generator<Encoded> {
    this.#damaged += damagedLines(record);
    const text = withoutEnd(record).toString('utf8');
    const [match] = text === '' ? [] : this.#matchAll([text]);
    const fault = typeof match === 'object' ? this.#record(match) : match;
    if (fault !== undefined) this.#rejects.reject(text, place, fault);
    yield { ...this.#writer.take(), lines: 1 };
  }

  #record(groups: Groups): string | undefined {
    this.#writer.begin();
    for (const [name, slot] of this.#slots) {
      const text = groups[name];
      if (text === undefined) this.#writer.addNull(slot);
      else this.#writer.addText(slot, text);
    }
    return this.#writer.write(nothing);
  }

  /** For each line its groups, or why it has none. */
  #matchAll(lines: readonly string[]): (Groups | string)[] {
    const matches: (Groups | string)[] = [];
    eachWithin(
      this.#longest,
      lines.length,
      (index) => {
        const groups = this.#pattern.exec(lines[index] as string)?.groups;
        matches[index] = groups ?? 'it does not match the pattern';
      },
      (index) => (matches[index] = `the pattern took longer than ${this.#longest} ms on it`),
    );
    return matches;
  }

  counters(): Record<string, number> {
    const damaged = this.#damaged;
    this.#damaged = 0;
    return { damaged };
  }
}

const nothing = Buffer.alloc(0);

/** Throws SluiceError('usage'). */
function parsePattern(text: string): { pattern: RegExp; names: string[] } {
  let pattern: RegExp;
  let names: string[];
  try {
    // A dot is any character: --multiline joins lines.
    pattern = new RegExp(text, 's');
    // A pattern that may also match nothing tells the names of its groups.
    names = Object.keys(new RegExp(`${text}|`).exec('')?.groups ?? {});
  } catch (error) {
    throw new SluiceError('usage', `--format regex: ${messageOf(error)}`, undefined, error);
  }
  if (names.length === 0)
    throw new SluiceError(
      'usage',
      `--format regex: the pattern names no groups`,
      `name what is to be a field: --format 'regex:^(?<level>\\w+) (?<message>.*)'`,
    );
  return { pattern, names };
}

export const regexFormat: FormatKind = {
  name: 'regex',
  argument: 'PATTERN',
  summary: 'a regular expression of JavaScript, whose named groups are the fields: `(?<level>\\w+)`',
  hasFields: true,
  create(rejects, settings) {
    const { pattern, names } = parsePattern(settings.argument);
    const writer = new RecordWriter(settings);
    writer.check('the pattern', names);
    const longest = Math.min(longestMatch, settings.taskTimeout ?? longestMatch);
    return new RegexFormat(pattern, names, longest, writer, rejects);
  },
};

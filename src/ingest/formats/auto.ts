// `auto`: the first lines tell which format it is, the most particular one that takes all of them.
import type { Rejects } from '../../stage/rejects.ts';
import type { Closing } from '../../stage/stage.ts';
import { combinedFormat, commonFormat } from './common.ts';
import { csvFormat, tsvFormat } from './delimited.ts';
import type { Encoded, Format, FormatKind, FormatSettings, PlaceOf } from './format.ts';
import { jsonFormat } from './json.ts';
import { linesFormat } from './lines.ts';
import { logfmtFormat } from './logfmt.ts';
import { syslogFormat } from './syslog.ts';

const sampleLines = 20;
type Candidate = { readonly kind: FormatKind; readonly argument: string };

const candidates: readonly Candidate[] = [
  jsonFormat,
  combinedFormat,
  commonFormat,
  syslogFormat,
  logfmtFormat,
  tsvFormat,
  csvFormat,
]
  .map((kind) => ({ kind, argument: '' }))
  .concat({ kind: csvFormat, argument: ';' });

const nameOf = ({ kind, argument }: Candidate): string =>
  argument === '' ? kind.name : `${kind.name}:${argument}`;

class AutoFormat implements Format {
  readonly #rejects: Rejects;
  readonly #settings: FormatSettings;
  #chosen: Format | undefined;

  constructor(rejects: Rejects, settings: FormatSettings) {
    this.#rejects = rejects;
    this.#settings = settings;
  }

  encode(region: Buffer, placeOf: PlaceOf, isAtStart?: boolean): Iterable<Encoded> {
    return this.#choose(region).encode(region, placeOf, isAtStart);
  }

  encodeOne(record: Buffer, place: string, isAtStart?: boolean): Iterable<Encoded> {
    const chosen = this.#choose(Buffer.concat([record, Buffer.from('\n')]));
    return chosen.encodeOne?.(record, place, isAtStart) ?? chosen.encode(record, () => place);
  }

  counters(): Record<string, number> {
    return this.#chosen?.counters() ?? {};
  }

  warnings(): Closing['warnings'] {
    return this.#chosen?.warnings?.() ?? [];
  }

  #choose(region: Buffer): Format {
    if (this.#chosen) return this.#chosen;
    const chosen = choiceOf(
      firstLines(region),
      this.#settings.fields !== undefined || this.#settings.types.size > 0,
    );
    const { kind, argument } = chosen;
    this.#settings.tell?.(`the format looks like ${nameOf(chosen)}`);
    this.#chosen = kind.create(this.#rejects, { ...this.#settings, argument });
    return this.#chosen;
  }
}

function choiceOf(sample: Buffer, wantsFields: boolean): Candidate {
  const found = candidates.find((one) => (one.kind.hasFields || !wantsFields) && takes(one, sample));
  return found ?? { kind: linesFormat, argument: '' };
}

function takes({ kind, argument }: Candidate, sample: Buffer): boolean {
  const text = sample.toString('utf8');
  // A number, too, is JSON, and any text a column.
  if (kind === jsonFormat && !text.trimStart().startsWith('{')) return false;
  if (kind.hasHeading && !looksLikeHeading(text, kind === tsvFormat ? '\t' : argument || ',')) return false;
  let isFaulty = false;
  const rejects: Rejects = { reject: () => (isFaulty = true), takeCount: () => 0 };
  const format = kind.create(rejects, {
    argument,
    fields: undefined,
    types: new Map(),
    header: undefined,
  });
  const pieces = Array.from(format.encode(sample, String, true));
  return !isFaulty && pieces.some(({ count }) => count > 0);
}

/** Names with separators between them, and no values. */
function looksLikeHeading(text: string, separator: string): boolean {
  const names = (text.split(/\r?\n/, 1)[0] ?? '').split(separator);
  return names.length > 1 && names.every((name) => /^"?[\p{L}_][\p{L}\p{N}_ .-]*"?$/u.test(name));
}

function firstLines(region: Buffer): Buffer {
  let end = 0;
  for (let count = 0; count < sampleLines && end < region.length; count += 1) {
    const next = region.indexOf(0x0a, end);
    if (next === -1) break;
    end = next + 1;
  }
  return region.subarray(0, end);
}

export const autoFormat: FormatKind = {
  name: 'auto',
  summary: `whichever of ${candidates.map(nameOf).join(', ')} takes the first lines, else lines`,
  hasFields: true,
  needsStart: true,
  create: (rejects, settings) => new AutoFormat(rejects, settings),
};

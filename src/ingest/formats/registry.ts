// Every format. Order = order in the man page.
import { closest } from '../../command/suggest.ts';
import { SluiceError } from '../../errors.ts';
import type { Rejects } from '../../stage/rejects.ts';
import { apacheFormat } from './apache.ts';
import { combinedFormat, commonFormat } from './common.ts';
import { listOf, parseTypes } from './field-types.ts';
import type { Format, FormatKind } from './format.ts';
import { jsonFormat } from './json.ts';
import { linesFormat } from './lines.ts';
import { nginxFormat } from './nginx.ts';

export const formats: readonly FormatKind[] = [
  linesFormat,
  jsonFormat,
  commonFormat,
  combinedFormat,
  nginxFormat,
  apacheFormat,
];

/** As the help shows them: `nginx:` wants more behind it. */
export const formatNames = formats.map(({ name, argument }) => (argument === undefined ? name : `${name}:`));

/** What the options of ingest say about records. */
export type FormatOptions = {
  readonly format: string;
  readonly fields?: string | undefined;
  readonly types?: string | undefined;
};

/** Throws SluiceError('usage'). */
export function formatFrom(options: FormatOptions, rejects: Rejects): Format {
  const { kind, argument } = parseFormat(options.format);
  const fields = listOf(options.fields, '--fields');
  const types = parseTypes(options.types);
  refuse(kind, { fields: options.fields, types: options.types });
  return kind.create(rejects, { argument, fields, types });
}

/** As a user would type it: records that were made differently are another job's. */
export function shapeOfFormat({ format, fields, types }: FormatOptions): string {
  const given = Object.entries({ format, fields, types }).filter(([, text]) => text !== undefined);
  return given.map(([name, text]) => `--${name} ${text}`).join(' ');
}

/** `NAME`, or `NAME:ARGUMENT` for a format that wants one. */
function parseFormat(text: string): { kind: FormatKind; argument: string } {
  const at = text.indexOf(':');
  const name = at === -1 ? text : text.slice(0, at);
  const argument = at === -1 ? '' : text.slice(at + 1);
  const kind = formats.find((candidate) => candidate.name === name);
  if (!kind) {
    const guess = closest(name, formatNames);
    throw new SluiceError(
      'usage',
      `--format cannot be '${text}'`,
      guess ? `did you mean '${guess}'?` : `it is one of: ${formatNames.join(', ')}`,
    );
  }
  if (kind.argument === undefined && at !== -1)
    throw new SluiceError('usage', `--format ${name} takes nothing behind a colon`, `write --format ${name}`);
  if (kind.argument !== undefined && argument === '')
    throw new SluiceError(
      'usage',
      `--format ${name} wants its ${kind.argument}`,
      `write --format '${name}:…'`,
    );
  return { kind, argument };
}

/** Options that would change nothing. */
function refuse({ name, hasFields }: FormatKind, given: Readonly<Record<string, string | undefined>>): void {
  if (hasFields) return;
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const named = formats.filter((kind) => kind.hasFields).map((kind) => kind.name);
    throw new SluiceError(
      'usage',
      `--${option} does nothing with --format ${name}`,
      `it is for formats with named fields: ${named.join(', ')}`,
    );
  }
}

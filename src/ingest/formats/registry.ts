// Every format. Order = order in the man page.
import { closest } from '../../command/suggest.ts';
import { SluiceError } from '../../errors.ts';
import type { Rejects } from '../../stage/rejects.ts';
import { apacheFormat } from './apache.ts';
import { autoFormat } from './auto.ts';
import { combinedFormat, commonFormat } from './common.ts';
import { listOf, parseTypes } from './field-types.ts';
import { csvFormat, tsvFormat } from './delimited.ts';
import type { Format, FormatKind, FormatSettings } from './format.ts';
import { jsonFormat } from './json.ts';
import { linesFormat } from './lines.ts';
import { logfmtFormat } from './logfmt.ts';
import { nginxFormat } from './nginx.ts';
import { regexFormat } from './regex.ts';
import { syslogFormat } from './syslog.ts';

export const formats: readonly FormatKind[] = [
  linesFormat,
  jsonFormat,
  csvFormat,
  tsvFormat,
  logfmtFormat,
  commonFormat,
  combinedFormat,
  nginxFormat,
  apacheFormat,
  syslogFormat,
  regexFormat,
  autoFormat,
];

/** As the help shows them: `nginx:` wants more behind it, `csv` can do without. */
export const formatNames = formats.flatMap(({ name, argument, isArgumentOptional }) => [
  ...(argument === undefined || isArgumentOptional ? [name] : []),
  ...(argument === undefined ? [] : [`${name}:`]),
]);

/** What the options of ingest say about records. */
export type FormatOptions = {
  readonly format: string;
  readonly fields?: string | undefined;
  readonly types?: string | undefined;
  readonly header?: string | undefined;
};

type Reading = {
  /** A source may be read from its middle on. */
  readonly readsOn?: boolean;
  readonly tell?: FormatSettings['tell'];
  readonly isOnlySource?: boolean;
  readonly taskTimeout?: number;
};

/** Throws SluiceError('usage'). */
export function formatFrom(
  options: FormatOptions,
  rejects: Rejects,
  { readsOn, ...reading }: Reading = {},
): Format {
  const { kind, argument } = parseFormat(options.format);
  const fields = listOf(options.fields, '--fields');
  const types = parseTypes(options.types);
  const header = listOf(options.header, '--header');
  if (!kind.hasFields) refuse(kind.name, options, 'hasFields', ['fields', 'types']);
  if (!kind.hasHeading) refuse(kind.name, options, 'hasHeading', ['header']);
  else if (readsOn && !header)
    throw new SluiceError(
      'usage',
      `--format ${kind.name} needs --header here: a heading is not there to be read again`,
      'name the columns: --header a,b,c; a first line that says the same is passed over',
    );
  if (kind.needsStart && readsOn)
    throw new SluiceError(
      'usage',
      `--format ${kind.name} cannot be used here: the beginning is not there to be looked at again`,
      'say which format it is',
    );
  return kind.create(rejects, { argument, fields, types, header, ...reading });
}

/** As a user would type it: records that were made differently are another job's. */
export function shapeOfFormat({ format, fields, types, header }: FormatOptions): string {
  const given = Object.entries({ format, fields, types, header }).filter(([, text]) => text !== undefined);
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
  if (kind.argument !== undefined && argument === '' && !(kind.isArgumentOptional && at === -1))
    throw new SluiceError(
      'usage',
      `--format ${name} wants its ${kind.argument}`,
      `write --format '${name}:…'`,
    );
  return { kind, argument };
}

/** What the first line of a file says, or a value with line ends in it, is not there for who reads a file in pieces. */
export function isReadWhole(format: string): boolean {
  const { hasHeading, needsStart } = parseFormat(format).kind;
  return hasHeading === true || needsStart === true;
}

/** Throws SluiceError('usage') where lines cannot be joined to records. */
export function checkMultiline(format: string): void {
  const { name, isOneLine } = parseFormat(format).kind;
  if (!isOneLine) return;
  const others = formats.filter((kind) => !kind.isOneLine).map((kind) => kind.name);
  throw new SluiceError(
    'usage',
    `--multiline does nothing with --format ${name}`,
    `it is for: ${others.join(', ')}`,
  );
}

/** Options that would change nothing. */
function refuse(
  name: string,
  given: FormatOptions,
  trait: 'hasFields' | 'hasHeading',
  options: readonly ('fields' | 'types' | 'header')[],
): void {
  const option = options.find((candidate) => given[candidate] !== undefined);
  if (option === undefined) return;
  const others = formats.filter((kind) => kind[trait]).map((kind) => kind.name);
  throw new SluiceError(
    'usage',
    `--${option} does nothing with --format ${name}`,
    `it is for: ${others.join(', ')}`,
  );
}

import { formatNames, formats } from './formats/registry.ts';
import { sourceKinds } from './sources/registry.ts';
import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { stateOptions } from '../state/options.ts';

const ingestOptions = {
  format: {
    kind: 'text',
    placeholder: 'NAME',
    choices: formatNames,
    default: 'lines',
    describe: 'what a record is: a line of text, or a line of JSON',
  },
  'max-record': {
    kind: 'size',
    default: '1MiB',
    describe: 'cut off lines that are longer than this; they are counted and a warning is given at the end',
  },
  follow: {
    kind: 'flag',
    alias: 'f',
    describe: 'go on with what is written to the files, by name as `tail -F` does: also across rotation',
  },
  ...stateOptions,
  ...rejectOptions,
} as const satisfies OptionTable;

export type IngestSettings = Settings<typeof ingestOptions>;

export const ingestCommand = defineStage({
  name: 'ingest',
  summary: 'read files, globs or standard input, and write their records in blocks',
  role: 'source',
  flow: 'bytes → blocks',
  argument: {
    name: 'SOURCE',
    describe: "a file, a glob in quotes ('logs/*.log'), or - for standard input (the default)",
    takes: 'many',
  },
  options: ingestOptions,
  description: [
    'Reads its sources one after another, from start to end, and writes what they hold as *blocks*: envelopes without a batch number, for **sluice batch** to cut into batches.',
    `A source is: ${sourceKinds.map(({ name, summary }) => `**${name}**, ${summary}`).join('; ')}. The formats are: ${Object.values(
      formats,
    )
      .map(({ name, summary }) => `**${name}**, ${summary}`)
      .join('; ')}.`,
    'A file that begins with the bytes of gzip is unpacked, whatever its name; several members in one file are read as one. Lines end with `\\n` or `\\r\\n`; the last line of a file needs no end. A byte order mark in front of a source is left out. A line that is no UTF-8 is decoded with U+FFFD for the damaged bytes and counted in the report.',
    'On SIGINT or SIGTERM the source stops, and what was read drains through the pipeline; a second signal ends it at once.',
  ],
  examples: [
    { line: 'tail -F app.log | sluice ingest | sluice batch 10s | …', explains: 'follow a live log' },
    {
      line: "sluice ingest 'logs/*.log' archive.log.gz | sluice batch --once | …",
      explains: 'read what is there, then stop',
    },
  ],
  make: async (settings, operands) => (await import('./stage.ts')).ingestStage(settings, operands),
});

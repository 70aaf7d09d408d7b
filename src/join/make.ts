// join TABLE, or join --with STREAM: which of the two is meant, and that nothing is said that is of the other one.
import { isSqlite } from '../emit/sinks/sqlite-scheme.ts';
import { SluiceError } from '../errors.ts';
import type { FilterStage, MergeStage } from '../stage/stage.ts';
import type { JoinSettings } from './command.ts';

export async function makeJoin(
  settings: JoinSettings,
  [table]: readonly string[],
): Promise<FilterStage | MergeStage> {
  const { with: stream } = settings;
  if (table !== undefined && stream !== undefined)
    throw new SluiceError(
      'usage',
      `join with the table ${table} or with the stream ${stream}?`,
      'two stages can do both: join users.csv --on user | join --with clicks.env --on user --within 10m --time at',
    );
  if (table !== undefined) {
    refuse(settings, streamOptions, `is for two streams, and ${table} is a table`);
    return (await import('./table/stage.ts')).tableStage(settings, table);
  }
  if (stream === undefined)
    throw new SluiceError(
      'usage',
      'what are the records joined with?',
      'a table is named as it is, sluice join users.csv --on user; a stream by --with, sluice join --with clicks.env --on user --within 10m --time at',
    );
  if (isSqlite(stream) || /\.[ct]sv(\.gz)?$/i.test(stream))
    throw new SluiceError(
      'usage',
      `--with ${stream}: a stream has envelopes, and this is a table`,
      `name it without --with: sluice join ${stream} --on user`,
    );
  refuse(settings, tableOptions, `is for a table, and ${stream} is a stream`);
  return (await import('./stage.ts')).joinStage(settings);
}

/** Those that have a default cannot be told from not given. */
const streamOptions = [
  'within',
  'time',
  'timeFormat',
  'withTime',
  'withTimeFormat',
  'idleTimeout',
  'late',
] as const satisfies (keyof JoinSettings)[];

const tableOptions = [
  'format',
  'types',
  'query',
  'table',
  'reload',
] as const satisfies (keyof JoinSettings)[];

function refuse(settings: JoinSettings, names: readonly (keyof JoinSettings)[], why: string): void {
  const given = names.find((name) => settings[name] !== undefined && settings[name] !== false);
  if (given === undefined) return;
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new SluiceError(
    'usage',
    `--${option} ${why}`,
    'leave it out; sluice join --help says what goes with what',
  );
}

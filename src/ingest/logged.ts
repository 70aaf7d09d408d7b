// A source that cannot be read twice, by way of a log: what an earlier run kept and did not come to, then what comes now.
import { join } from 'node:path';
import type { Position } from '../envelope/envelope.ts';
import type { InputChunk } from '../stage/stage.ts';
import { readLog, WriteAheadLog } from '../state/wal.ts';
import type { Source } from './sources/source.ts';

/** What the job calls it, which is also the name of its log. */
export function loggedId({ name }: Pick<Source, 'name'>): string {
  return name === 'standard input' ? 'stdin' : encodeURIComponent(name);
}

/** Where `onKept` is there, somebody waits for it: what was read last is on the disk. */
type LoggedSource = Pick<Source, 'name' | 'read'> & { readonly onKept?: () => void };

/** From `position` on. Each run's input is for itself: what a crash left of a line is a line, and so is the end of an input. */
export async function* readLogged(
  source: LoggedSource,
  wal: string,
  { offset, skip }: Position,
): AsyncGenerator<InputChunk> {
  const id = loggedId(source);
  const log = new WriteAheadLog(join(wal, id));
  const chunk = (bytes: Buffer, at: number): InputChunk => ({
    source,
    place: { id, offset: at, ...(skip !== undefined && { skip }) },
    bytes,
  });
  try {
    log.endLine();
    let at = offset;
    for await (const bytes of log.read(at)) {
      yield chunk(bytes, at);
      at += bytes.length;
    }
    for await (const bytes of source.read()) {
      log.append(bytes);
      if (source.onKept) {
        await log.sync();
        source.onKept();
      }
      yield chunk(bytes, at);
      at += bytes.length;
    }
    log.endLine();
    for await (const bytes of log.read(at)) yield chunk(bytes, at);
  } finally {
    log.close();
  }
}

/** Once more what an earlier run had of it: bytes `[from, until)`, or all from there on. */
export async function* readLoggedAgain(
  id: string,
  wal: string,
  from: Position,
  until: number | undefined,
): AsyncGenerator<InputChunk> {
  const folder = join(wal, id);
  const end = until ?? endOf(folder);
  let at = from.offset;
  for await (const bytes of readLog(folder, at, end)) {
    yield { source: { name: id }, place: { ...from, id, offset: at }, bytes };
    at += bytes.length;
  }
}

/** Takes away what a crash left of a line, before anything is read: nobody was told that it is kept. */
export function keepWholeLines(folder: string): void {
  const log = new WriteAheadLog(folder);
  log.cutLine();
  log.close();
}

function endOf(folder: string): number {
  const log = new WriteAheadLog(folder);
  log.endLine();
  log.close();
  return log.end;
}

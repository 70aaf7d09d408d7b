// What an earlier run of a job had read and did not bring to its end, read once more: the same records in the same order, so
// that batches are made of just the same again, whatever has been added to their sources since.
import type { Position } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { InputChunk } from '../stage/stage.ts';
import type { LoggedBatch, Positions } from '../state/offsets-log.ts';
import { readLoggedAgain } from './logged.ts';
import { FileInput } from './sources/file-input.ts';
import { identityOf, type FileIdentity } from './sources/identity.ts';
import { findFile } from './sources/rotated.ts';
import { visitsOf, type Visit } from './visits.ts';

/** Returns where sources stand behind it. Throws SluiceError('inputOutput') where something of it is not there any more. */
export async function* readAgain(
  batches: readonly LoggedBatch[],
  positions: Positions,
  wal: string,
): AsyncGenerator<InputChunk, Positions> {
  const stand: Record<string, Position> = { ...positions };
  for (const visit of visitsOf(batches)) {
    const { id, from, until } = visit;
    stand[id] = until;
    if (from.offset !== until.offset || until.skip) {
      const identity = identityOf(from);
      const end = yield* identity ? fileAgain(visit, identity) : loggedAgain(visit, wal);
      // What is read beyond such a place is new.
      if (until.skip) stand[id] = { ...until, offset: end, skip: 0 };
    }
    if (until.gone) delete stand[id];
  }
  return stand;
}

/** Returns behind which whole line it was read. */
async function* fileAgain(
  { id, from, until }: Visit,
  identity: FileIdentity,
): AsyncGenerator<InputChunk, number> {
  const found = await findFile(identity, from.offset);
  if (!found) throw notThere(identity.path);
  const input = new FileInput(id, identity.path, found.path, from, identity);
  await input.moveTo(found);
  let at = from.offset;
  try {
    for await (const chunk of input.read(false, Number.POSITIVE_INFINITY)) {
      const { bytes = Buffer.alloc(0) } = chunk;
      // How far so many records go is not known before they are read.
      const wanted = until.skip ? bytes : bytes.subarray(0, until.offset - at);
      at += wanted.length;
      yield { ...chunk, bytes: wanted };
      if (!until.skip && at === until.offset) break;
    }
    if (at < until.offset) throw notThere(identity.path);
    // A last line without its end was taken for one.
    if (!until.skip) yield { source: input, place: { ...from, id, offset: until.offset } };
    return input.offset;
  } finally {
    await input.close();
  }
}

async function* loggedAgain({ id, from, until }: Visit, wal: string): AsyncGenerator<InputChunk, number> {
  let at = from.offset;
  for await (const chunk of readLoggedAgain(id, wal, from, until.skip ? undefined : until.offset)) {
    at += chunk.bytes?.length ?? 0;
    yield chunk;
  }
  return at;
}

function notThere(path: string): SluiceError {
  return new SluiceError(
    'inputOutput',
    `a batch is to be made again, and what was read of ${path} is not there any more`,
    'put the file back, under this name or beside it, or begin anew with `sluice state reset`',
  );
}

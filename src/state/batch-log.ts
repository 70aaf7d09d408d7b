// What `batch` does with the log: batches that an earlier run began are made again, new ones are written down.
import type { Job } from '../envelope/envelope.ts';
import { stateFolder } from './folder.ts';
import { OffsetsLog, readOffsets, type LoggedBatch, type LogStart } from './offsets-log.ts';

export interface BatchLog {
  readonly start: LogStart;
  /** To be made again, in order. */
  readonly again: readonly LoggedBatch[];
  /** Before the last part of the batch leaves. Throws SluiceError('inputOutput'). */
  append(batch: LoggedBatch): void;
  /** A checkpoint behind batch `after`. */
  checkpoint(after: number, start: LogStart): void;
}

export function openBatchLog({ state, after = -1, positions }: Job): BatchLog {
  const { offsets } = stateFolder(state);
  const known = readOffsets(offsets, after);
  const log = new OffsetsLog(offsets);
  log.resume(after, { positions });
  return {
    start: { ...known?.start, positions },
    again: known?.batches ?? [],
    append: (batch) => log.append(batch),
    checkpoint: (batch, at) => log.begin(batch, at),
  };
}

// Ids of events that an earlier run of the job kept: a batch may come again that it could not answer.
import { endOfLog, readLog } from '../../state/wal.ts';
import { LineCutter } from '../lines.ts';
import type { KnownIds } from './inbox.ts';
import { parseMessage } from './messages.ts';

/** So much of the log's end is looked at, in bytes. */
const most = 64 * 1024 * 1024;

export async function learnIds(known: KnownIds, folder: string, header: string): Promise<void> {
  const { start, end } = endOfLog(folder);
  const cutter = new LineCutter(Number.MAX_SAFE_INTEGER);
  let isPartial = end - most > start;
  for await (const bytes of readLog(folder, Math.max(start, end - most), end)) {
    for (const region of cutter.push(bytes)) {
      for (let at = 0; at < region.length;) {
        const next = region.indexOf(0x0a, at) + 1;
        // The first line may be the end of one.
        if (!isPartial) learn(known, region.subarray(at, next), header);
        isPartial = false;
        at = next;
      }
    }
  }
}

function learn(known: KnownIds, line: Buffer, header: string): void {
  const { headers } = parseMessage(line);
  const id = headers === undefined ? undefined : (JSON.parse(headers) as Record<string, string>)[header];
  if (id !== undefined) known.add(id);
}

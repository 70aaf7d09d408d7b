// Hot path. The events of a call → messages, from the bytes: no object is made of an event.
import type { AvroReader } from '../../../flume/avro.ts';
import { characterStart } from '../../lines.ts';
import { MessageLines } from '../messages.ts';
import type { Entry, LineId } from '../inbox.ts';

export type EventSettings = {
  /** Bytes of a body; what is beyond is cut off. */
  readonly maxRecord: number;
  readonly withHeaders: boolean;
  /** The header that tells one event from another. */
  readonly dedupHeader: string | undefined;
};

export type Events = Required<Pick<Entry, 'bytes' | 'ids'>> & {
  readonly count: number;
  readonly cut: number;
};

type Counts = { count: number; cut: number };

/** Of `append` the parameter is one event, of `appendBatch` a list. Throws Malformed. */
export function readEvents(
  reader: AvroReader,
  call: 'append' | 'appendBatch',
  settings: EventSettings,
): Events {
  const lines = new MessageLines(reader.bytes.length);
  const ids: LineId[] = [];
  const counts: Counts = { count: 0, cut: 0 };
  const readOne = (): void => {
    const start = lines.length;
    const id = readEvent(reader, lines, settings, counts);
    if (id !== undefined) ids.push({ start, end: lines.length, id });
  };
  if (call === 'append') readOne();
  else for (let left = reader.block(); left > 0; left = reader.block()) for (; left > 0; left -= 1) readOne();
  return { bytes: lines.bytes, ids, ...counts };
}

/** Returns its id. */
function readEvent(
  reader: AvroReader,
  lines: MessageLines,
  { maxRecord, withHeaders, dedupHeader }: EventSettings,
  counts: Counts,
): string | undefined {
  const id = withHeaders ? readHeaders(reader, lines, dedupHeader) : reader.passMap();
  const length = reader.integer();
  const start = reader.pass(length);
  let end = start + length;
  if (length > maxRecord) {
    end = characterStart(reader.bytes, start + maxRecord);
    counts.cut += 1;
  }
  counts.count += 1;
  lines.add(reader.bytes, start, end);
  return id;
}

/** Returns what is in the one named `wanted`. */
function readHeaders(
  reader: AvroReader,
  lines: MessageLines,
  wanted: string | undefined,
): string | undefined {
  const { bytes } = reader;
  let id: string | undefined;
  lines.beginHeaders();
  for (let left = reader.block(); left > 0; left = reader.block())
    for (; left > 0; left -= 1) {
      let length = reader.integer();
      let start = reader.pass(length);
      lines.addHeader(bytes, start, start + length, true);
      const isId = wanted !== undefined && bytes.toString('utf8', start, start + length) === wanted;
      length = reader.integer();
      start = reader.pass(length);
      lines.addHeader(bytes, start, start + length, false);
      if (isId) id = bytes.toString('utf8', start, start + length);
    }
  lines.endHeaders();
  return id;
}

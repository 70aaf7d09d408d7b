// What is posted at once as messages: lines, or a JSON array of objects or of Flume's events.
import { recordEnds } from '../../envelope/records.ts';
import { importModule } from '../../package.ts';
import { characterStart } from '../lines.ts';
import { Refused } from './complaints.ts';
import type { Entry, LineId } from './inbox.ts';
import { MessageLines } from './messages.ts';
import type { ServiceSettings } from './service.ts';

const newline = 0x0a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
/** Bytes of an array. */
const parsedAtOnce = 64 * 1024;

/** A message for each line or event that was posted, or for each object of an array. Throws Refused for other arrays. */
export function messagesOf(body: Buffer, settings: ServiceSettings): Entry & { readonly cut: number } {
  const lines = new MessageLines(body.length);
  let cut = 0;
  const add = (bytes: Buffer, start: number, end: number): void => {
    const isCut = end - start > settings.maxRecord;
    if (isCut) cut += 1;
    lines.add(bytes, start, isCut ? characterStart(bytes, start + settings.maxRecord) : end);
  };
  const items = itemsOf(body);
  const what = items && whatIsIn(items);
  if (!items || !what) {
    for (let start = 0; start < body.length;) {
      const found = body.indexOf(newline, start);
      const end = found === -1 ? body.length : found;
      add(body, start, end > start && body[end - 1] === 0x0d ? end - 1 : end);
      start = end + 1;
    }
    return { bytes: lines.bytes, cut };
  }
  if (what === 'others')
    throw new Refused(
      'posted a JSON array that is neither of objects nor of Flume events',
      'write [{"a":1},{"a":2}], [{"headers":{},"body":"text"}], or a record a line',
    );
  if (what === 'objects') {
    // As they stand, so that numbers stay as they were written.
    let start = 0;
    for (const end of recordEnds(items)) {
      add(items, start, end);
      start = end + 1;
    }
    return { bytes: lines.bytes, cut };
  }
  const { withHeaders, dedupHeader } = settings;
  const ids: LineId[] = [];
  for (const { headers: given, body: text } of parsed(items) as Iterable<Event>) {
    const headers = given ?? {};
    const bytes = Buffer.from(text);
    const start = lines.length;
    if (withHeaders) addHeaders(lines, headers);
    add(bytes, 0, bytes.length);
    const id = dedupHeader === undefined ? undefined : headers[dedupHeader];
    if (id !== undefined) ids.push({ start, end: lines.length, id });
  }
  return { bytes: lines.bytes, ids, cut };
}

function addHeaders(lines: MessageLines, headers: Record<string, string>): void {
  lines.beginHeaders();
  for (const [index, text] of Object.entries(headers).flat().entries()) {
    const bytes = Buffer.from(text);
    lines.addHeader(bytes, 0, bytes.length, index % 2 === 0);
  }
  lines.endHeaders();
}

/** Of Flume's HTTP source: `[{"headers": {…}, "body": "…"}]`. */
type Event = { readonly headers?: Record<string, string> | null; readonly body: string };

function isEvent(item: unknown): item is Event {
  if (!isObject(item)) return false;
  const { headers, body } = item;
  return typeof body === 'string' && (headers === undefined || headers === null || isTexts(headers));
}

function isTexts(item: unknown): boolean {
  return isObject(item) && Object.values(item).every((value) => typeof value === 'string');
}

function isObject(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/** What stands in the brackets, where there are some. */
function itemsOf(body: Buffer): Buffer | undefined {
  const first = body.findIndex(isVisible);
  const last = body.findLastIndex(isVisible);
  if (body[first] !== openBracket || body[last] !== closeBracket) return undefined;
  return body.subarray(first + 1, last);
}

/** Undefined where it is no JSON: lines may well begin with a bracket. */
function whatIsIn(items: Buffer): 'events' | 'objects' | 'others' | undefined {
  let [areEvents, areObjects] = [true, true];
  try {
    for (const item of parsed(items)) {
      areEvents &&= isEvent(item);
      areObjects &&= isObject(item);
    }
  } catch {
    return undefined;
  }
  if (areEvents) return 'events';
  return areObjects ? 'objects' : 'others';
}

/** A few at a time: all of them can take fifty times as much memory as their text. Throws SyntaxError. */
function* parsed(items: Buffer): Iterable<unknown> {
  if (!items.some(isVisible)) return;
  let [start, count] = [0, 0];
  for (const end of recordEnds(items)) {
    count += 1;
    if (end - start < parsedAtOnce && end < items.length) continue;
    const some = JSON.parse(`[${items.toString('utf8', start, end)}]`) as unknown[];
    // Behind a comma there was nothing.
    if (some.length !== count) throw new SyntaxError();
    yield* some;
    start = end + 1;
    count = 0;
  }
}

function isVisible(byte: number): boolean {
  return byte > 0x20;
}

/** Of gzip or deflate; undefined where it would be more than `most` bytes. Throws Refused where it is neither. */
export async function unpack(packed: Buffer, most: number): Promise<Buffer | undefined> {
  const { unzip } = await importModule<typeof import('node:zlib')>('node:zlib');
  return new Promise((resolve, reject) => {
    unzip(packed, { maxOutputLength: most }, (error, body) => {
      if (!error) resolve(body);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') resolve(undefined);
      else reject(new Refused('posted packed bytes that are damaged', error.message));
    });
  });
}

// What is posted at once as messages: lines, or a JSON array of objects or of Flume's events.
import { recordEnds } from '../../envelope/records.ts';
import { importModule } from '../../package.ts';
import { characterStart } from '../lines.ts';
import { Refused } from './complaints.ts';
import type { Entry } from './inbox.ts';
import { MessageLines } from './messages.ts';
import type { ServiceSettings } from './service.ts';

const newline = 0x0a;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** A message for each line or event that was posted, or for each object of an array. Throws Refused for other arrays. */
export function messagesOf(body: Buffer, settings: ServiceSettings): Entry & { readonly cut: number } {
  const lines = new MessageLines();
  let cut = 0;
  const add = (bytes: Buffer, start: number, end: number): void => {
    const isCut = end - start > settings.maxRecord;
    if (isCut) cut += 1;
    lines.add(bytes, start, isCut ? characterStart(bytes, start + settings.maxRecord) : end);
  };
  const array = arrayOf(body);
  if (!array) {
    for (let start = 0; start < body.length;) {
      const found = body.indexOf(newline, start);
      const end = found === -1 ? body.length : found;
      add(body, start, end > start && body[end - 1] === 0x0d ? end - 1 : end);
      start = end + 1;
    }
    return { bytes: lines.bytes, cut };
  }
  if (!array.every(isEvent)) {
    if (!array.every(isObject))
      throw new Refused(
        'posted a JSON array that is neither of objects nor of Flume events',
        'write [{"a":1},{"a":2}], [{"headers":{},"body":"text"}], or a record a line',
      );
    // As they stand, so that numbers stay as they were written.
    const items = body.subarray(body.indexOf(openBracket) + 1, body.lastIndexOf(closeBracket));
    let start = 0;
    for (const end of recordEnds(items)) {
      add(items, start, end);
      start = end + 1;
    }
    return { bytes: lines.bytes, cut };
  }
  const { withHeaders, dedupHeader } = settings;
  const ids: { end: number; id: string | undefined }[] = [];
  for (const { headers: given, body: text } of array) {
    const headers = given ?? {};
    const bytes = Buffer.from(text);
    if (withHeaders) addHeaders(lines, headers);
    add(bytes, 0, bytes.length);
    if (dedupHeader !== undefined) ids.push({ end: lines.length, id: headers[dedupHeader] });
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

/** Undefined where it is lines, which may well begin with a bracket. */
function arrayOf(body: Buffer): unknown[] | undefined {
  const first = body.findIndex((byte) => byte > 0x20);
  if (body[first] !== openBracket) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as unknown[];
  } catch {
    return undefined;
  }
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

// `syslog`: lines of RFC 3164, as files and /dev/log have them, with its time or that of RFC 3339; and of RFC 5424.
import { FieldFormat, type Scanner } from './field-format.ts';
import type { FormatKind } from './format.ts';
import { RecordWriter } from './record-writer.ts';

const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );
const names = [
  'facility',
  'severity',
  'timestamp',
  'hostname',
  'appname',
  'procid',
  'msgid',
  'structured_data',
  'message',
];

const space = 0x20;
const dash = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const lessThan = 0x3c;
const greaterThan = 0x3e;
const openBracket = 0x5b;
const closeBracket = 0x5d;

class SyslogScanner implements Scanner {
  readonly #writer: RecordWriter;
  readonly #slots: Readonly<Record<string, number>>;

  constructor(writer: RecordWriter) {
    this.#writer = writer;
    this.#slots = Object.fromEntries(
      names.map((name) => [name, writer.slot(name, name === 'procid' ? 'guess' : 'text')]),
    );
  }

  scan(bytes: Buffer, start: number, end: number): string | undefined {
    let at = start;
    if (bytes[at] === lessThan) {
      const close = bytes.indexOf(greaterThan, at);
      const priority =
        close > at && close < end && close - at < 5 ? bytes.toString('latin1', at + 1, close) : '';
      if (!/^\d{1,3}$/.test(priority) || Number(priority) > 191)
        return 'its priority is no number from 0 to 191';
      this.#writer.addText(this.#slot('facility'), facilities[Number(priority) >> 3] ?? '');
      this.#writer.addText(this.#slot('severity'), severities[Number(priority) & 7] ?? '');
      at = close + 1;
      if (bytes[at] === zero + 1 && bytes[at + 1] === space) return this.#modern(bytes, at + 2, end);
    }
    return this.#traditional(bytes, at, end);
  }

  /** `Mmm dd hh:mm:ss HOST TAG[PID]: MESSAGE` */
  #traditional(bytes: Buffer, start: number, end: number): string | undefined {
    const isInternet = isDigit(bytes[start] as number);
    // `Oct  1`; some write one space.
    const hourAt = isDigit(bytes[start + 4] as number) && bytes[start + 5] === space ? start + 6 : start + 7;
    const timeEnd = isInternet ? spaceFrom(bytes, start, end) : hourAt + 8;
    const hasTime =
      timeEnd < end &&
      bytes[timeEnd] === space &&
      (isInternet
        ? timeEnd - start >= 19 && bytes[start + 4] === dash
        : bytes[start + 3] === space && bytes[hourAt + 2] === colon && bytes[hourAt + 5] === colon);
    if (!hasTime) return 'it does not begin with a time of syslog';
    this.#add('timestamp', bytes, start, timeEnd);
    const host = timeEnd + 1;
    const hostEnd = spaceFrom(bytes, host, end);
    if (hostEnd === host || hostEnd >= end) return 'there is no host behind its time';
    this.#add('hostname', bytes, host, hostEnd);
    const tag = hostEnd + 1;
    let at = tag;
    while (at < end && bytes[at] !== colon && bytes[at] !== openBracket && bytes[at] !== space) at += 1;
    const tagEnd = at;
    let process = -1;
    if (bytes[at] === openBracket && at < end) {
      process = at + 1;
      while (at < end && bytes[at] !== closeBracket) at += 1;
      at += 1;
    }
    // `last message repeated 2 times` has no tag.
    const hasTag = at < end && bytes[at] === colon && tagEnd > tag;
    // Many logs begin with such a time and a word.
    if (!hasTag && isInternet) return 'there is no program behind its host';
    if (!hasTag) return this.#message(tag, end);
    this.#add('appname', bytes, tag, tagEnd);
    if (process >= 0) this.#add('procid', bytes, process, at - 1);
    return this.#message(bytes[at + 1] === space ? at + 2 : at + 1, end);
  }

  /** `TIME HOST APPLICATION PROCESS MESSAGE-ID DATA MESSAGE`, each of them `-` where there is none. */
  #modern(bytes: Buffer, start: number, end: number): string | undefined {
    let at = start;
    for (const name of ['timestamp', 'hostname', 'appname', 'procid', 'msgid']) {
      const fieldEnd = spaceFrom(bytes, at, end);
      if (fieldEnd === at || fieldEnd >= end) return `it ends at its ${name}`;
      this.#add(name, bytes, at, fieldEnd);
      at = fieldEnd + 1;
    }
    if (bytes[at] === dash) at += 1;
    else {
      const data = structuredData(bytes.toString('utf8', at, end));
      if (!data) return 'its structured data is neither - nor like [id name="value"]';
      this.#writer.addJson(this.#slot('structured_data'), data.json);
      at += Buffer.byteLength(data.text);
    }
    if (at < end && bytes[at] !== space) return 'there is no space behind its structured data';
    const isMarked = bytes[at + 1] === 0xef && bytes[at + 2] === 0xbb && bytes[at + 3] === 0xbf;
    return this.#message(Math.min(end, at + (isMarked ? 4 : 1)), end);
  }

  #message(start: number, end: number): undefined {
    this.#writer.add(this.#slot('message'), Math.min(start, end), end);
  }

  #add(name: string, bytes: Buffer, start: number, end: number): void {
    if (end === start + 1 && bytes[start] === dash) this.#writer.addNull(this.#slot(name));
    else this.#writer.add(this.#slot(name), start, end);
  }

  #slot(name: string): number {
    return this.#slots[name] ?? -1;
  }
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

function spaceFrom(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== space) at += 1;
  return at;
}

const element = /\[([^\s=\]"]+)((?: [^\s=\]"]+="(?:[^"\\\]]|\\.)*")*)\]/y;
const parameter = / ([^\s=\]"]+)="((?:[^"\\\]]|\\.)*)"/g;

/** The elements in front of `text`, as an object of objects, and their own text. */
function structuredData(text: string): { json: string; text: string } | undefined {
  const elements: string[] = [];
  element.lastIndex = 0;
  let end = 0;
  for (let match = element.exec(text); match; match = element.exec(text)) {
    const [, id = '', parameters = ''] = match;
    const members = Array.from(parameters.matchAll(parameter), ([, name = '', value = '']) => [
      name,
      value.replace(/\\(["\\\]])/g, '$1'),
    ]);
    elements.push(`${JSON.stringify(id)}:${JSON.stringify(Object.fromEntries(members))}`);
    end = element.lastIndex;
  }
  return end === 0 ? undefined : { json: `{${elements.join(',')}}`, text: text.slice(0, end) };
}

export const syslogFormat: FormatKind = {
  name: 'syslog',
  summary:
    'RFC 3164, as in /var/log/syslog, and RFC 5424: facility, severity, timestamp, hostname, appname, procid, msgid, structured_data, message',
  hasFields: true,
  create(rejects, settings) {
    const writer = new RecordWriter(settings);
    writer.check('syslog', names);
    return new FieldFormat(new SyslogScanner(writer), writer, rejects);
  },
};

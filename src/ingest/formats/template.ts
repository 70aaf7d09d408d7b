// Hot path. A line as a template says it: literal text and fields in turn. From each field the scanner goes on to the literal
// behind it and never back, so that a line takes time by its length, whatever is in it.
import type { FieldReading } from './field-types.ts';
import type { Scanner } from './field-format.ts';
import type { LineTemplate, TemplateOutput } from '../../kernel/kernel.ts';
import type { RecordWriter } from './record-writer.ts';
import { unescape } from './unescape.ts';

export type TemplateField = {
  readonly name: string;
  readonly reading?: FieldReading;
  /** What servers call several upstreams: values with `, ` or ` : ` between them, which is still one field. */
  readonly isList?: boolean;
  /** Of fixed form: so many spaces belong to it. */
  readonly spaces?: number;
  /** What it always begins with, so that nothing else has to stand in front of it. */
  readonly begins?: string;
  /** It begins with a digit, or a quote ahead that was not escaped has put fields in the wrong places. */
  readonly isStatus?: boolean;
  /** The last field, of a template whose first one ends at a space: it has none in it. */
  readonly isWord?: boolean;
  /** `GET /path HTTP/1.1`, which is told in parts too. */
  readonly isRequest?: boolean;
};

export type TemplateSettings = {
  /** Whether values have escapes with a backslash. */
  readonly hasEscapes: boolean;
  /** What stands where there is no value, if that is nothing and not a dash. */
  readonly isMissingEmpty?: boolean;
};

/** Texts are literal. */
export type Template = readonly (string | TemplateField)[];

/** What a request is split into. */
const requestParts = ['method', 'path', 'protocol'] as const;

type Step = {
  readonly field: TemplateField;
  readonly slot: number;
  /** What is behind the field; empty for the end of the line. */
  readonly literal: Uint8Array;
  readonly first: number;
  /** The literal is where the next field begins, and part of that. */
  readonly isAhead: boolean;
  readonly isQuoted: boolean;
  readonly parts: readonly number[] | undefined;
};

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const dash = 0x2d;
const colon = 0x3a;
const backslash = 0x5c;

/** The names of the fields, in order. */
export function namesOf(template: Template): string[] {
  const names = template.flatMap((piece) =>
    typeof piece === 'string' ? [] : piece.isRequest ? [piece.name, ...requestParts] : [piece.name],
  );
  return Array.from(new Set(names));
}

/** A number at the end of a line has no spaces in it: what stands behind it is of another format. */
export function withBoundEnd(template: Template): Template {
  const last = template.at(-1);
  const [first, literal] = typeof template[0] === 'string' ? template.slice(1) : template;
  const isNumber = typeof last === 'object' && last.reading === 'decimal' && last.isList !== true;
  if (!isNumber || first === last || typeof literal !== 'string' || !literal.startsWith(' ')) return template;
  return [...template.slice(0, -1), { ...last, isWord: true }];
}

export class TemplateScanner implements Scanner {
  readonly #prefix: Uint8Array;
  readonly #steps: readonly Step[];
  readonly #writer: RecordWriter;
  readonly #hasEscapes: boolean;
  readonly #isMissingEmpty: boolean;
  /** What the kernel can do of it, if anything. */
  readonly #plain: LineTemplate | undefined;

  /** Between two fields there is a literal, or the second one tells how it begins. */
  constructor(
    template: Template,
    writer: RecordWriter,
    { hasEscapes, isMissingEmpty = false }: TemplateSettings,
  ) {
    this.#writer = writer;
    this.#isMissingEmpty = isMissingEmpty;
    this.#hasEscapes = hasEscapes;
    const own = new Set(template.map((piece) => (typeof piece === 'string' ? '' : piece.name)));
    this.#prefix = Buffer.from(typeof template[0] === 'string' ? template[0] : '');
    this.#steps = template.flatMap((field, index): Step[] => {
      if (typeof field === 'string') return [];
      const [before, next] = [template[index - 1], template[index + 1]];
      const literal = Buffer.from(typeof next === 'string' ? next : (next?.begins ?? ''));
      return [
        {
          field,
          slot: writer.slot(field.name, field.reading),
          literal,
          first: literal[0] ?? 0,
          isAhead: typeof next === 'object',
          isQuoted: literal[0] === quote && typeof before === 'string' && before.endsWith('"'),
          parts: field.isRequest
            ? requestParts.map((part) => (own.has(part) ? -1 : writer.slot(part, 'text')))
            : undefined,
        },
      ];
    });
    this.#plain = this.#forKernel();
  }

  scanAhead(lines: Buffer): { lines: number; consumed: number } {
    return this.#plain ? this.#writer.addPlain(lines, this.#plain) : { lines: 0, consumed: 0 };
  }

  scan(bytes: Buffer, start: number, end: number): string | undefined {
    const prefix = this.#prefix;
    if (!matches(bytes, start, end, prefix)) return `it does not begin with ${shown(prefix)}`;
    let at = start + prefix.length;
    for (const step of this.#steps) {
      const { literal, first, field } = step;
      const from = at;
      let isEscaped = false;
      if (literal.length === 0) at = end;
      else {
        if (field.isList && !step.isQuoted) at = listEnd(bytes, at, end, first);
        for (let spaces = field.spaces ?? 0; spaces > 0; spaces -= 1) at = pastSpace(bytes, at, end);
        for (;;) {
          let byte = 0;
          while (at < end && (byte = bytes[at] as number) !== first) {
            // What a backslash stands in front of is part of the value, in quotes.
            if (byte === backslash && this.#hasEscapes) {
              isEscaped = true;
              if (step.isQuoted) at += 1;
            }
            at += 1;
          }
          if (at >= end) return missing(bytes, from, end, step);
          if (literal.length === 1 || matches(bytes, at, end, literal)) break;
          at += 1;
        }
      }
      if (literal.length === 0 && this.#hasEscapes && step.slot >= 0)
        isEscaped = bytes.subarray(from, end).includes(backslash);
      if (field.isStatus && !isDigitOrDash(bytes[from] as number))
        return `its ${field.name} is no number: ${shown(bytes.subarray(from, at))}`;
      if (field.isWord && indexOfSpace(bytes, from, at) < at)
        return `there is more behind its last field: ${shown(bytes.subarray(indexOfSpace(bytes, from, at), at))}`;
      this.#add(step, bytes, from, at, isEscaped);
      if (!step.isAhead) at += literal.length;
    }
    return at < end ? `there is more behind its last field: ${shown(bytes.subarray(at, end))}` : undefined;
  }

  /** Undefined where no field is wanted, or one name stands for two fields. */
  #forKernel(): LineTemplate | undefined {
    const slots = this.#steps.flatMap(({ slot, parts = [] }) => [slot, ...parts]).filter((slot) => slot >= 0);
    if (slots.length === 0 || new Set(slots).size < slots.length) return undefined;
    // Of a request at the end of the line only the value is looked at for escapes.
    if (this.#steps.some(({ literal, parts }) => literal.length === 0 && parts)) return undefined;
    const output = (slot: number): TemplateOutput | undefined =>
      slot < 0 ? undefined : this.#writer.described(slot);
    return {
      prefix: this.#prefix,
      hasEscapes: this.#hasEscapes,
      isMissingEmpty: this.#isMissingEmpty,
      steps: this.#steps.map(({ field, slot, literal, isAhead, isQuoted, parts = [] }) => ({
        literal,
        isAhead,
        isQuoted,
        isList: field.isList === true,
        isStatus: field.isStatus === true,
        isBounded: field.isWord === true,
        spaces: field.spaces ?? 0,
        value: output(slot),
        parts: parts.map(output),
      })),
    };
  }

  #add({ slot, parts }: Step, bytes: Buffer, start: number, end: number, isEscaped: boolean): void {
    const isMissing = this.#isMissingEmpty ? end === start : end === start + 1 && bytes[start] === dash;
    if (isMissing) this.#writer.addNull(slot);
    else this.#value(slot, bytes, start, end, isEscaped);
    if (!parts) return;
    const [method = -1, path = -1, protocol = -1] = parts;
    if (method < 0 && path < 0 && protocol < 0) return;
    const first = indexOfSpace(bytes, start, end);
    let last = end;
    while (last > first && bytes[last - 1] !== space) last -= 1;
    // A request of a protocol that is not HTTP has no such parts.
    const isWhole = first < last - 1 && isProtocol(bytes, last, end);
    if (isWhole) {
      this.#value(method, bytes, start, first, isEscaped);
      this.#value(path, bytes, first + 1, last - 1, isEscaped);
      this.#value(protocol, bytes, last, end, isEscaped);
    } else for (const part of parts) this.#writer.addNull(part);
  }

  #value(slot: number, bytes: Buffer, start: number, end: number, isEscaped: boolean): void {
    if (slot < 0) return;
    if (isEscaped) this.#writer.addText(slot, unescape(bytes, start, end));
    else this.#writer.add(slot, start, end);
  }
}

function isDigitOrDash(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === dash;
}

function matches(bytes: Uint8Array, at: number, end: number, literal: Uint8Array): boolean {
  if (at + literal.length > end) return false;
  for (let index = 0; index < literal.length; index += 1)
    if (bytes[at + index] !== literal[index]) return false;
  return true;
}

/** Behind the `, ` and ` : ` of a list: where its last value begins. */
function listEnd(bytes: Uint8Array, start: number, end: number, first: number): number {
  let at = start;
  let last = start;
  while (at < end) {
    const byte = bytes[at];
    if (byte === comma && bytes[at + 1] === space) at = last = at + 2;
    else if (byte === space && bytes[at + 1] === colon && bytes[at + 2] === space) at = last = at + 3;
    else if (byte === first || byte === space) break;
    else at += 1;
  }
  return last;
}

function pastSpace(bytes: Uint8Array, start: number, end: number): number {
  const at = indexOfSpace(bytes, start, end);
  return at < end ? at + 1 : start;
}

function indexOfSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== space) at += 1;
  return at;
}

const http = Buffer.from('HTTP/');

function isProtocol(bytes: Uint8Array, start: number, end: number): boolean {
  return matches(bytes, start, end, http);
}

function missing(bytes: Buffer, from: number, end: number, { field, literal }: Step): string {
  return from >= end
    ? `it ends before its ${field.name}`
    : `there is no ${shown(literal)} behind its ${field.name}: ${shown(bytes.subarray(from, end))}`;
}

/** Not all of a line: messages are one line too. */
function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

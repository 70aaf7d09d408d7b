// --parse: text in a record, read as a line of a log; what `ingest --format` does where lines come in something else, such as
// messages of a topic.
import { parseJson, type Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { Format } from '../ingest/formats/format.ts';
import { formatFrom, type FormatOptions } from '../ingest/formats/registry.ts';
import { compileField, type Field } from '../record/field.ts';
import { describe } from '../record/messages.ts';
import { changed, isObject } from './member-steps.ts';
import { oneToOne, type Step } from './step.ts';

/** What a line is told from its neighbours by, or by how a file begins: there are none. */
const unfit: Readonly<Record<string, string>> = {
  lines: 'text is text already',
  auto: 'say which format it is',
};

/** `field` has the text; without it the record is the text. Throws SluiceError('usage'). */
export function parseStep(options: FormatOptions, field: string | undefined, taskTimeout: number): Step {
  const hint = unfit[options.format];
  if (hint !== undefined)
    throw new SluiceError('usage', `--parse ${options.format} does nothing for single values`, hint);
  const parser = new Parser(options, taskTimeout);
  if (field === undefined || field === '$0')
    return oneToOne('--parse', (record) => parser.parse(record, 'it'));
  const textOf = compileField(field);
  return oneToOne('--parse', (record) => withParsed(record, field, textOf, parser));
}

/** Its members take the place of the field, behind the others; what is no object stands where the text was. */
function withParsed(record: Json, field: string, textOf: Field, parser: Parser): Json {
  const parsed = parser.parse(textOf(record) ?? null, `its ${field}`);
  if (!isObject(parsed)) return changed(record, field, () => parsed);
  const rest = changed(record, field, () => undefined);
  return isObject(rest) ? { ...rest, ...parsed } : parsed;
}

class Parser {
  readonly #format: Format;
  #fault: string | undefined;

  constructor(options: FormatOptions, taskTimeout: number) {
    const reject = (_record: Json, _place: string, reason: string): void => void (this.#fault = reason);
    try {
      this.#format = formatFrom(options, { reject, takeCount: () => 0 }, { readsOn: true, taskTimeout });
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      throw new SluiceError(error.exit, error.message.replaceAll('--format', '--parse'), error.hint, error);
    }
  }

  /** Throws where it is no text of the format; `what` it is, for the message. */
  parse(text: Json, what: string): Json {
    if (typeof text !== 'string') throw new TypeError(`${what} is no text, but ${describe(text)}`);
    this.#fault = undefined;
    const bytes = Buffer.from(text);
    const encoded =
      this.#format.encodeOne?.(bytes, '') ?? this.#format.encode(Buffer.from(`${text}\n`), () => '');
    const records = Array.from(encoded).filter(({ count }) => count > 0);
    if (this.#fault !== undefined) throw new TypeError(`${what} cannot be parsed: ${String(this.#fault)}`);
    const [only] = records;
    if (!only) throw new TypeError(`${what} has nothing in it to parse`);
    if (records.length > 1 || only.count > 1) throw new TypeError(`${what} has several lines`);
    return parseJson(only.payload.toString('utf8'));
  }
}

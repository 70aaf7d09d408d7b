// Hot path. What a field's text is as JSON: a number or a text. The bytes stay as they were written, so that no number loses
// a digit.
import { SluiceError } from '../../errors.ts';
import { closest } from '../../command/suggest.ts';

/** What a user can say of a field: `--types status=text`. */
const typeNames = ['number', 'text'] as const;
export type FieldType = (typeof typeNames)[number];

/**
 * How a field is read where nobody says: `guess` takes what comes back the same as a number; `decimal` is for what is a
 * number by definition, such as `$request_time`, which may end with zeros, or hold something else now and then.
 */
export type FieldReading = FieldType | 'guess' | 'decimal';

/** `status=text,ms=number`. Throws SluiceError('usage'). */
export function parseTypes(text: string | undefined): ReadonlyMap<string, FieldType> {
  const types = new Map<string, FieldType>();
  for (const pair of listOf(text, '--types') ?? []) {
    const at = pair.lastIndexOf('=');
    const type = pair.slice(at + 1) as FieldType;
    if (at < 1)
      throw new SluiceError('usage', `--types: '${pair}' names no type`, 'write status=text,ms=number');
    if (!typeNames.includes(type)) {
      const guess = closest(type, typeNames);
      throw new SluiceError(
        'usage',
        `--types: there is no type '${type}'`,
        guess ? `did you mean '${guess}'?` : `there are: ${typeNames.join(', ')}`,
      );
    }
    types.set(pair.slice(0, at), type);
  }
  return types;
}

/** The names in a list with commas, undefined where there is no list. Throws SluiceError('usage') for an empty name. */
export function listOf(text: string | undefined, option: string): string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  if (names?.includes(''))
    throw new SluiceError(
      'usage',
      `${option}: '${text}' has an empty name`,
      'write names with commas: a,b,c',
    );
  return names;
}

const dash = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
/** So many digits a double holds whatever they are. */
const safeDigits = 15;
/** What JavaScript writes for a fraction is no longer: six zeros, the point and seventeen digits. */
const longestFraction = 25;

/**
 * True for the text of a number of JSON, without an exponent, that a double holds. With `endsTight` it also has to be what
 * JavaScript writes for that number, so that it comes back the same: 1.50, 007 and 1e3 are none then.
 */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number, endsTight: boolean): boolean {
  let at = bytes[start] === dash ? start + 1 : start;
  const first = bytes[at] as number;
  if (at >= end || first < zero || first > nine || end - at > longestFraction) return false;
  const whole = at;
  while (at < end && isDigit(bytes[at] as number)) at += 1;
  if (first === zero && at - whole > 1) return false;
  if (at === end) {
    if (endsTight && first === zero && start !== whole) return false;
    const digits = at - whole;
    return digits <= safeDigits || (digits <= safeDigits + 2 && isExact(bytes, start, end));
  }
  if (bytes[at] !== dot || at + 1 === end) return false;
  const fraction = at + 1;
  at = fraction;
  while (at < end && isDigit(bytes[at] as number)) at += 1;
  if (at < end) return false;
  if (end - whole - 1 > safeDigits) return endsTight && isExact(bytes, start, end);
  // Below a millionth JavaScript writes an exponent.
  return !endsTight || (bytes[end - 1] !== zero && (first !== zero || isExact(bytes, start, end)));
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

function isExact(bytes: Uint8Array, start: number, end: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return String(Number(text)) === text;
}

const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** For a field that is said to be a number: its text as JSON, with all digits, or undefined. */
export function numberAsJson(text: string): string | undefined {
  if (!numberText.test(text)) return undefined;
  if (jsonNumber.test(text)) return text;
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/.exec(text) ?? [];
  const digits = whole.replace(/^0+(?=.)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}${exponent}`;
}

// Which records are meant: `status>=500`, `path~^/api/ && user!=null`. A field, an operator and a value; && binds closer
// than ||.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { compareText } from '../envelope/order.ts';
import { SluiceError } from '../errors.ts';
import { compileField, numberFromColumn } from './field.ts';
import { compilePattern } from './pattern.ts';

export type Condition = (record: Json) => boolean;

/** A field, and whether its value, null where it is missing, is one that fits. */
export type Comparison = {
  readonly fieldName: string;
  readonly holds: (value: Json) => boolean;
  /** It has a pattern that needs a time limit. */
  readonly needsLimit: boolean;
};

const comparison = /^\s*(.+?)\s*(==|!=|>=|<=|=~|!~|=|>|<|~)\s*(.*?)\s*$/s;

/** Whether a text is meant as a condition, and not as the name of a field. */
export function isCondition(text: string): boolean {
  return /[=!<>~]/.test(text);
}

/** Throws SluiceError('usage'). */
export function compileCondition(text: string): Condition {
  const alternatives = compileComparisons(text).map((comparisons) =>
    comparisons.map(({ fieldName, holds }): Condition => {
      const field = compileField(fieldName);
      return (record) => holds(field(record) ?? null);
    }),
  );
  return (record) => alternatives.some((all) => all.every((holds) => holds(record)));
}

/** Whether it has a pattern that needs a time limit. Throws SluiceError('usage'). */
export function mayTakeLong(text: string): boolean {
  return compileComparisons(text)
    .flat()
    .some(({ needsLimit }) => needsLimit);
}

/** What is said of a record on which it took too long. */
export function tookTooLong(text: string, milliseconds: number): string {
  return `'${text.trim()}' took longer than ${milliseconds} ms: what is repeated in its pattern can be matched in too many ways`;
}

/** Alternatives, of each of which all comparisons have to hold. Throws SluiceError('usage'). */
export function compileComparisons(text: string): Comparison[][] {
  return splitOutsideQuotes(text, '||').map((alternative) =>
    splitOutsideQuotes(alternative, '&&').map(compileComparison),
  );
}

function splitOutsideQuotes(text: string, separator: '||' | '&&'): string[] {
  const pieces = text.match(/"(?:[^"\\]|\\.)*"|&&|\|\||./gs) ?? [''];
  const parts = [''];
  for (const piece of pieces) {
    if (piece === separator) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

function compileComparison(text: string): Comparison {
  const [, fieldName, operator, value] = comparison.exec(text) ?? [];
  if (fieldName === undefined || operator === undefined || value === undefined || value === '')
    throw new SluiceError(
      'usage',
      `'${text.trim()}' is no condition`,
      'write it like status>=500, method=GET, path~^/api/ or user!=null; empty text is ""',
    );
  if (/\s(and|or)\s.*[=<>~]/is.test(value) && unquoted(value) === undefined)
    throw new SluiceError(
      'usage',
      `'${text.trim()}' reads as one comparison`,
      'write && for and, || for or; or put the value between double quotes',
    );
  if (/^'.*'$/s.test(value))
    throw new SluiceError(
      'usage',
      `'${text.trim()}' has single quotes`,
      'text stands as it is, or between double quotes',
    );
  // It would be no error, and fit no record.
  if (/^(?:[!(]|not\s)/i.test(fieldName))
    throw new SluiceError(
      'usage',
      `'${text.trim()}' begins with what no field begins with`,
      'write status!=200 or path!~^/api/ for not; there are no brackets: && binds closer than ||, and map --filter takes functions',
    );
  if (!operator.endsWith('~')) return { fieldName, holds: compileOrder(operator, value), needsLimit: false };
  const { matches, needsLimit } = compilePattern(unquoted(value) ?? value, text.trim());
  const fits = (one: Json): boolean => one !== null && matches(plainText(one));
  return { fieldName, holds: operator === '!~' ? (one) => !fits(one) : fits, needsLimit };
}

function compileOrder(operator: string, text: string): (value: Json) => boolean {
  const order = comparerWith(text);
  switch (operator) {
    case '!=':
      return (value) => order(value) !== 0;
    case '>':
      return (value) => order(value) > 0;
    case '>=':
      return (value) => order(value) >= 0;
    case '<':
      return (value) => order(value) < 0;
    case '<=':
      return (value) => order(value) <= 0;
    default:
      return (value) => order(value) === 0;
  }
}

/**
 * A value's order to what was typed: below 0, 0, above 0, or NaN, which is neither, where they are of two kinds. A number
 * is compared with numbers and with text that looks like one, since columns of logs are text; null is a missing value.
 */
function comparerWith(text: string): (value: Json) => number {
  const quoted = unquoted(text);
  if (quoted === undefined && text === 'null') return (value) => (value === null ? 0 : Number.NaN);
  const number = quoted === undefined ? numberFromColumn(text) : text;
  if (typeof number === 'string') {
    const wanted = quoted ?? text;
    return (value) => {
      if (typeof value === 'string') return compareText(value, wanted);
      return quoted === undefined && typeof value === 'boolean' && String(value) === wanted ? 0 : Number.NaN;
    };
  }
  // Beyond 2^53 a double does not tell integers apart.
  const wanted = /^\d{16,}$/.test(text) ? BigInt(text) : number;
  return (value) => {
    const other = typeof value === 'string' ? numberFromColumn(value) : value;
    if (typeof other !== 'number' && typeof other !== 'bigint') return Number.NaN;
    return other < wanted ? -1 : Number(other > wanted);
  };
}

/** What stands between double quotes; undefined where there are none. */
function unquoted(text: string): string | undefined {
  return /^"(?:[^"\\]|\\.)*"$/s.test(text) ? text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : undefined;
}

function plainText(value: Json): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}

// Which records are meant: `status>=500`, `path~^/api/ && user!=null`. A field, an operator and a value; && binds closer
// than ||.
import { stringifyJson, type Json } from '../envelope/json.ts';
import { compareText } from '../envelope/order.ts';
import { messageOf, SluiceError } from '../errors.ts';
import { runWithin } from '../user-code/time-limit.ts';
import { compileField, numberFromColumn } from './field.ts';

export type Condition = (record: Json) => boolean;

/** A field, and whether its value, null where it is missing, is one that fits. */
export type Comparison = {
  readonly fieldName: string;
  /** Throws where a pattern takes too long. */
  readonly holds: (value: Json) => boolean;
  /** It has a pattern that may take for ever, and a time limit, which costs 0.1 ms a value. */
  readonly isTimed: boolean;
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
  const isTimed = operator.endsWith('~') && mayTakeForEver(unquoted(value) ?? value);
  return { fieldName, holds: compileOperator(operator, value, text), isTimed };
}

function compileOperator(operator: string, text: string, condition: string): (value: Json) => boolean {
  if (operator.endsWith('~')) {
    const matches = compileExpression(unquoted(text) ?? text, condition);
    const fits = (value: Json): boolean => value !== null && matches(plainText(value));
    return operator === '!~' ? (value) => !fits(value) : fits;
  }
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

function compileExpression(pattern: string, condition: string): (text: string) => boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'u');
  } catch (error) {
    throw new SluiceError(
      'usage',
      `'${condition.trim()}': ${messageOf(error)}`,
      'behind ~ stands a regular expression as in JavaScript',
    );
  }
  if (!mayTakeForEver(pattern)) return (text) => expression.test(text);
  return (text) => {
    let isMatch = false;
    if (runWithin(longestMatch, () => (isMatch = expression.test(text))) === 'ended') return isMatch;
    throw new SluiceError(
      'badData',
      `'${condition.trim()}' took longer than ${longestMatch} ms on ${JSON.stringify(text.slice(0, 40))}`,
      'what is repeated in the pattern repeats or chooses within itself, as in (x+)+: write it otherwise',
    );
  };
}

/** For a pattern on one value, in milliseconds, as for a line of the format `regex`. */
const longestMatch = 250;

/** A group that is repeated and has a repetition or a choice within: there may be more ways to match than there is time. */
function mayTakeForEver(pattern: string): boolean {
  const starts: number[] = [];
  const tokens = /\\.|\[(?:[^\]\\]|\\.)*\]|[()]/gs;
  for (const { 0: token, index } of pattern.matchAll(tokens)) {
    if (token === '(') starts.push(index);
    if (token !== ')') continue;
    const group = pattern.slice(starts.pop() ?? 0, index).replace(/^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/, '');
    if (/^(?:[*+]|\{\d+,\d*\})/.test(pattern.slice(index + 1)) && /[*+?|{]/.test(group)) return true;
  }
  return /\\[1-9k]/.test(pattern);
}

function plainText(value: Json): string {
  return typeof value === 'string' ? value : stringifyJson(value);
}

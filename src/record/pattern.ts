// Regular expressions of conditions, and which of them may take long.
import { messageOf, SluiceError } from '../errors.ts';
import { isWithinLimit, NeedsLimit } from '../user-code/time-limit.ts';

type Pattern = {
  /** Throws NeedsLimit for a text on which it may take long, where there is no time limit. */
  readonly matches: (text: string) => boolean;
  readonly needsLimit: boolean;
};

/** `condition` is where it stands, for messages. Throws SluiceError('usage'). */
export function compilePattern(pattern: string, condition: string): Pattern {
  const expression = compile(pattern, condition);
  const harmless = harmlessLength(pattern);
  if (harmless === Number.POSITIVE_INFINITY)
    return { matches: (text) => expression.test(text), needsLimit: false };
  const matches = (text: string): boolean => {
    if (text.length > harmless && !isWithinLimit()) throw new NeedsLimit();
    return expression.test(text);
  };
  return { matches, needsLimit: true };
}

function compile(pattern: string, condition: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    throw new SluiceError(
      'usage',
      `'${condition}': ${messageOf(error)}`,
      'behind ~ stands a regular expression as in JavaScript',
    );
  }
}

/** So many ways to match are tried in some hundredths of a second. */
const mostWays = 1e7;

/**
 * Of a text up to this length there are few ways to match. Each repetition without end may end at each character, and a pattern that is not bound
 * to the start may begin at each, one behind the other: `n` characters have n^d / d! ways for `d` of them. Where what is repeated repeats or
 * chooses within itself, or a group comes again, a short text may have more ways than there is time: -1.
 */
function harmlessLength(pattern: string): number {
  const groups = [{ start: 0, alternatives: 1 }];
  let isAnchored = pattern.startsWith('^');
  let repetitions = 0;
  let choices = 1;
  const tokens =
    /\\[1-9k]|\\.|\[(?:[^\]\\]|\\.)*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|[)*+?|]|\{(\d+)(?:(,)(\d*))?\}/gs;
  for (const { 0: token, 1: least, 2: comma, 3: most, index } of pattern.matchAll(tokens)) {
    const group = groups.at(-1) ?? { start: 0, alternatives: 1 };
    if (/^\\[1-9k]/.test(token)) return -1;
    if (token.startsWith('(')) groups.push({ start: index + token.length, alternatives: 1 });
    if (token === '|') {
      group.alternatives += 1;
      if (groups.length === 1) isAnchored = false;
    }
    if (token === ')') {
      groups.pop();
      choices *= group.alternatives;
      const repeats = /^(?:[*+]|\{)/.test(pattern.slice(index + 1));
      if (repeats && /[*+?|{]/.test(pattern.slice(group.start, index))) return -1;
    }
    if (token === '?') choices *= 2;
    const last = Number(most || least || 0);
    // An end that is far off is as good as none.
    const isEndless = token === '*' || token === '+' || (comma !== undefined && most === '') || last > 16;
    if (isEndless) repetitions += 1;
    else if (most !== undefined) choices *= 1 + last - Number(least);
  }
  choices *= groups[0]?.alternatives ?? 1;
  const degree = repetitions + (isAnchored ? 0 : 1);
  if (degree <= 1) return choices < 100 ? Number.POSITIVE_INFINITY : mostWays / choices;
  let ways = mostWays / choices;
  for (let factor = 2; factor <= degree; factor += 1) ways *= factor;
  return ways ** (1 / degree);
}

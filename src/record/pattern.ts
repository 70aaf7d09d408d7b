// Regular expressions of conditions. Those that may take for ever run under a time limit.
import { messageOf, SluiceError } from '../errors.ts';
import { longestMatch, runWithin } from '../user-code/time-limit.ts';

type Pattern = {
  /** Throws SluiceError('badData') where it takes too long. */
  readonly matches: (text: string) => boolean;
  /** It has a time limit, which costs 0.1 ms a text. */
  readonly isTimed: boolean;
};

/** `condition` is where it stands, for messages. Throws SluiceError('usage'). */
export function compilePattern(pattern: string, condition: string): Pattern {
  const expression = compile(pattern, condition);
  if (!mayTakeForEver(pattern)) return { matches: (text) => expression.test(text), isTimed: false };
  const matches = (text: string): boolean => {
    let isMatch = false;
    if (runWithin(longestMatch, () => (isMatch = expression.test(text))) === 'ended') return isMatch;
    throw new SluiceError(
      'badData',
      `'${condition}' took longer than ${longestMatch} ms on ${JSON.stringify(text.slice(0, 40))}`,
      'what is repeated in the pattern repeats or chooses within itself, as in (x+)+: write it otherwise',
    );
  };
  return { matches, isTimed: true };
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

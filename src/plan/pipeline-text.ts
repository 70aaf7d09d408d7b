// The text of a pipeline → stages of words, each with its place in the text, so that an error can point at it.
// Quoting is the shell's: '…' takes everything, in "…" a backslash escapes ", \, $ and `, outside it escapes anything.
import { pointAt, SluiceError } from '../errors.ts';

export type Word = { readonly text: string; readonly start: number; readonly end: number };

/** The words of one stage, its name first. */
export type StageWords = readonly [Word, ...Word[]];

/** Throws SluiceError('usage') with a line that points at the place. */
export function parsePipelineText(text: string): StageWords[] {
  const stages: Word[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) at += 1;
    else if (character === '#') at = endOfLine(text, at);
    else if (character === '\\' && text[at + 1] === '\n') at += 2;
    else if (character === '|') {
      if (stages.at(-1)?.length === 0)
        throw textError('a stage is missing in front of this |', text, { start: at, end: at + 1 });
      stages.push([]);
      at += 1;
    } else {
      const word = readWord(text, at);
      stages.at(-1)?.push(word);
      at = word.end;
    }
  }
  if (stages.at(-1)?.length === 0)
    throw textError('a stage is missing here', text, { start: text.trimEnd().length, end: text.length });
  // None is empty: that was refused above.
  return stages.map((words) => withoutProgram(words as [Word, ...Word[]]));
}

/** A line pasted from a shell has the program's name in front of each stage. */
function withoutProgram(words: StageWords): StageWords {
  const [first, second, ...rest] = words;
  return second && first.text === 'sluice' ? [second, ...rest] : words;
}

function readWord(text: string, start: number): Word {
  let word = '';
  let at = start;
  while (at < text.length && !/[\s|]/.test(text[at] ?? '')) {
    const character = text[at];
    if (character === "'" || character === '"') {
      const quoted = readQuoted(text, at, character);
      word += quoted.text;
      at = quoted.end;
    } else if (character === '\\' && at + 1 < text.length) {
      word += text[at + 1];
      at += 2;
    } else {
      word += character;
      at += 1;
    }
  }
  return { text: word, start, end: at };
}

function readQuoted(text: string, start: number, quote: string): { text: string; end: number } {
  let quoted = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === quote) return { text: quoted, end: at + 1 };
    const next = text[at + 1] ?? '';
    if (quote === '"' && character === '\\' && '"\\$`'.includes(next) && next !== '') {
      quoted += next;
      at += 1;
    } else quoted += character;
  }
  throw textError('this quote is not closed', text, { start, end: start + 1 });
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

export function textError(
  message: string,
  text: string,
  { start, end }: { start: number; end: number },
  hint?: string,
): SluiceError {
  return new SluiceError('usage', `${message}\n${pointAt(text, start, end)}`, hint);
}

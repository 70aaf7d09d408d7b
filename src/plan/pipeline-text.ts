// The text of pipelines → stages of words, each with its place in the text, so that an error can point at it. `|` parts
// stages, `;` parts pipelines. Quoting is the shell's: '…' takes everything, in "…" a backslash escapes ", \, $ and `,
// outside it escapes anything.
import { pointAt, SluiceError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';

/** From `start` to `end` of the text. */
type Place = { readonly start: number; readonly end: number };

export type Word = Place & { readonly text: string };

/** The words of one stage, its name first. */
export type StageWords = readonly [Word, ...Word[]];

type Separator = Place & { readonly separator: '|' | ';' };

/** Pipelines of stages, none of them empty. Throws SluiceError('usage') with a line that points at the place. */
export function parsePipelineText(text: string): StageWords[][] {
  const pipelines: StageWords[][] = [];
  let stages: StageWords[] = [];
  let words: Word[] = [];
  let before: Separator | undefined;

  function closeStage(next: Separator | undefined): void {
    const [name, ...rest] = words;
    if (!name) throw missing(text, stages.length > 0, before, next);
    stages.push(withoutProgram([name, ...rest]));
    words = [];
    before = next;
    if (next?.separator === '|') return;
    pipelines.push(stages);
    stages = [];
  }

  for (const token of tokensOf(text)) {
    if ('separator' in token) closeStage(token);
    else words.push(token);
  }
  closeStage(undefined);
  return pipelines;
}

/** What stands between `before` and `next`, where nothing does. */
function missing(
  text: string,
  isInPipeline: boolean,
  before: Separator | undefined,
  next: Separator | undefined,
): SluiceError {
  const what = isInPipeline || next?.separator === '|' ? 'a stage' : 'a pipeline';
  if (next) return textError(`${what} is missing in front of this ${next.separator}`, text, next);
  if (before) return textError(`${what} is missing behind this ${before.separator}`, text, before);
  const hint = 'it reads like: ingest a.log | batch --once | reduce --words | emit';
  return new SluiceError('usage', 'there is no stage in the pipeline', hint);
}

function* tokensOf(text: string): Generator<Word | Separator> {
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) at += 1;
    else if (character === '#') at = endOfLine(text, at);
    else if (character === '\\' && text[at + 1] === '\n') at += 2;
    else if (character === '|' || character === ';') {
      yield { separator: character, start: at, end: at + 1 };
      at += 1;
    } else {
      const word = readWord(text, at);
      yield word;
      at = word.end;
    }
  }
}

/** A line pasted from a shell has the program's name in front of each stage. */
function withoutProgram(words: StageWords): StageWords {
  const [first, second, ...rest] = words;
  return second && first.text === 'sluice' ? [second, ...rest] : words;
}

function readWord(text: string, start: number): Word {
  let word = '';
  let at = start;
  while (at < text.length && !/[\s|;]/.test(text[at] ?? '')) {
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

/** Points at the place; in a text of several lines it tells the line. */
export function textError(
  message: string,
  text: string,
  { start, end }: Place,
  hint?: string,
  exit: ExitName = 'usage',
): SluiceError {
  const lines = text.slice(0, start).split('\n').length;
  const line = text.trimEnd().includes('\n') ? ` (line ${lines})` : '';
  return new SluiceError(exit, `${message}${line}\n${pointAt(text, start, end)}`, hint);
}

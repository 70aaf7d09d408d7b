// Hot path. The members of a record as they are written: steps that leave some out, or give them other names, keep the bytes of all values,
// and so all digits of numbers. The text has a character for each byte.
import {
  behind,
  closeBrace,
  colon,
  comma,
  openBrace,
  pastSpace,
  quote,
  stringEnd,
  valueEnd,
} from './member-scanner.ts';

export type Member = {
  /** Between its quotes. */
  readonly name: string;
  /** Where its value stands. */
  readonly start: number;
  readonly end: number;
};

/** What a step makes of the members of a record. */
export type ChangeMembers = (members: readonly Member[]) => readonly Member[];

export class MemberReader {
  /** Records of a stream mostly have the same names in the same order. */
  readonly #expected: string[] = [];
  /** Where the record ends that was read last: at a comma, or at the end of the text. */
  end = 0;

  /** The members of the object at `start`; undefined where it is none, or spells a name with an escape. */
  read(text: string, start: number): Member[] | undefined {
    let at = pastSpace(text, start);
    if (text.charCodeAt(at) !== openBrace) return undefined;
    at = pastSpace(text, at + 1);
    const members: Member[] = [];
    if (text.charCodeAt(at) === closeBrace) return this.#ended(text, at, members);
    for (;;) {
      if (text.charCodeAt(at) !== quote) return undefined;
      const name = this.#nameAt(text, at, members.length);
      if (name === undefined) return undefined;
      at = pastSpace(text, at + name.length + 2);
      if (text.charCodeAt(at) !== colon) return undefined;
      const valueAt = pastSpace(text, at + 1);
      const end = valueEnd(text, valueAt);
      members.push({ name, start: valueAt, end });
      at = pastSpace(text, end);
      const unit = text.charCodeAt(at);
      if (unit === closeBrace) return this.#ended(text, at, members);
      if (unit !== comma) return undefined;
      at = pastSpace(text, at + 1);
    }
  }

  #ended(text: string, closeAt: number, members: Member[]): Member[] {
    this.end = behind(text, closeAt + 1);
    return members;
  }

  #nameAt(text: string, quoteAt: number, place: number): string | undefined {
    const expected = this.#expected[place];
    if (
      expected !== undefined &&
      text.startsWith(expected, quoteAt + 1) &&
      text.charCodeAt(quoteAt + 1 + expected.length) === quote
    )
      return expected;
    const name = text.slice(quoteAt + 1, stringEnd(text, quoteAt));
    if (name.includes('\\')) return undefined;
    this.#expected[place] = name;
    return name;
  }
}

/** Members as an object, beside the text that has their values. */
export function objectOf(members: readonly Member[], text: string): string {
  let object = '{';
  for (const { name, start, end } of members)
    object += `${object.length > 1 ? ',"' : '"'}${name}":${text.slice(start, end)}`;
  return `${object}}`;
}

/** A name as it stands in such a text; undefined where it would have to be escaped. */
export function writtenName(name: string): string | undefined {
  const written = JSON.stringify(name).slice(1, -1);
  return written === name ? Buffer.from(name).toString('latin1') : undefined;
}

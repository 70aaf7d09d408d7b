// Made-up prose, the same for the same seed: words as frequent as in real texts (Zipf), with what real texts have
// besides: capitals, punctuation, tabs, empty lines, runs of spaces, other scripts.

const syllables = 'ba do ki lu mer na ro si ta ven we zu ост 東 é ß'.split(' ');
const spaces = [' ', ' ', ' ', ' ', ' ', ' ', '  ', '\t', '\n', '\n\n', ' \n', '\r\n', '\v', '\f'];

/** A text of about `size` characters. */
export function makeText(seed: number, size: number): string {
  const random = randomFrom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const vocabulary = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(syllables)).join(''),
  );
  const pieces: string[] = [];
  for (let length = 0; length < size;) {
    // An exponent spread evenly makes the nth word about n times as rare as the first.
    const word = vocabulary[Math.floor(vocabulary.length ** random()) - 1] ?? 'the';
    const piece = decorate(word, random()) + pick(spaces);
    pieces.push(piece);
    length += piece.length;
  }
  return pieces.join('');
}

function decorate(word: string, chance: number): string {
  if (chance < 0.05) return `${word},`;
  if (chance < 0.08) return `"${word}."`;
  if (chance < 0.13) return word.toUpperCase();
  // The no-break space is part of a word, for tr as for us.
  return chance < 0.14 ? `${word}\u00a0${word}` : word;
}

/** Numbers in [0, 1) by mulberry32: small, fast, and good enough for texts. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

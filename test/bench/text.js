// Inputs whose words are counted: natural text, and keys that hardly repeat. The generators count what they write, so
// that the reference owes nothing to any of the programs that are compared.
import { ByteWriter } from './byte-writer.js';
import { Digest } from './digest.js';
import { createRandom, pick, scatter } from './random.js';

const vocabularySize = 70_000;
const onsets = [
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'w',
  'st',
  'tr',
  'sh',
  'th',
  '',
];
const vowels = [...Array.from('aaeeeiioouaeiouaeiouaeiou'), 'ea', 'ou', 'é', 'ü'];
const codas = ['', '', '', '', '', 'n', 'r', 's', 't', 'l', 'nd', 'ng'];

const plain = 0;
const capital = 1;
const comma = 2;
const stop = 3;
const forms = 4;
const lineWidth = 90;

/** Frequent words are short, as in a language. */
function syllablesAt(/** @type {number} */ rank) {
  if (rank < 100) return 1;
  return rank < 8000 ? 2 : 3;
}

/** @returns {string[]} distinct words, the most frequent first; latin1 strings of their UTF-8 bytes */
function createVocabulary() {
  const random = createRandom(1);
  /** @type {Set<string>} */
  const words = new Set();
  while (words.size < vocabularySize) {
    let word = '';
    for (let count = syllablesAt(words.size); count > 0; count--) {
      word += pick(random, onsets) + pick(random, vowels) + pick(random, codas);
    }
    // A word that begins with an accent has no capital of one byte.
    if (/^[a-z]/.test(word)) words.add(Buffer.from(word).toString('latin1'));
  }
  return [...words];
}

/** @param {string} word @param {number} form */
function inForm(word, form) {
  if (form === capital) return word.charAt(0).toUpperCase() + word.slice(1);
  if (form === comma) return `${word},`;
  return form === stop ? `${word}.` : word;
}

/**
 * Sentences of words that follow Zipf's law, in lines of about 90 bytes, with an empty line here and there.
 * @param {string} path
 * @param {number} size in bytes
 */
export function writeText(path, size) {
  const vocabulary = createVocabulary();
  const texts = vocabulary.flatMap((word) => Array.from({ length: forms }, (_, form) => inForm(word, form)));
  const bytes = Buffer.from(texts.join(''), 'latin1');
  const starts = new Uint32Array(texts.length + 1);
  for (const [index, text] of texts.entries()) starts[index + 1] = (starts[index] ?? 0) + text.length;

  const random = createRandom(2);
  const writer = new ByteWriter(path);
  const counts = new Uint32Array(texts.length);
  const scale = Math.log(vocabularySize + 1);
  let isFirst = true;
  let column = 0;
  while (writer.length < size) {
    // The inverse of the harmonic sum, near enough: the word of rank r comes with a probability of about 1/r.
    const rank = Math.floor(Math.exp(random() * scale)) - 1;
    const chance = random();
    let form = isFirst ? capital : plain;
    if (!isFirst && chance < 0.13) form = chance < 0.07 ? comma : stop;
    const index = rank * forms + form;
    const start = starts[index] ?? 0;
    const end = starts[index + 1] ?? 0;
    writer.bytes(bytes, start, end);
    counts[index] = (counts[index] ?? 0) + 1;
    column += end - start + 1;
    writer.byte(column < lineWidth ? 0x20 : 0x0a);
    if (column >= lineWidth) {
      column = 0;
      if (chance > 0.98) writer.byte(0x0a);
    }
    isFirst = form === stop;
  }
  writer.byte(0x0a);
  writer.close();

  const digest = new Digest();
  for (const [index, count] of counts.entries()) {
    if (count > 0) digest.add([texts[index] ?? ''], [count]);
  }
  return digest.summary();
}

/** @param {number} index */
function keyAt(index) {
  const head = scatter(index).toString(16).padStart(8, '0');
  return `${head}${(scatter(index ^ 0x5bd1e995) & 0xffff).toString(16).padStart(4, '0')}`;
}

/**
 * Keys of 12 hexadecimal digits, one a line; every sixth line repeats an earlier one.
 * @param {string} path
 * @param {number} distinct
 */
export function writeKeys(path, distinct) {
  const random = createRandom(3);
  const writer = new ByteWriter(path);
  const counts = new Uint8Array(distinct);
  for (let index = 0; index < distinct; index++) {
    writer.ascii(`${keyAt(index)}\n`);
    counts[index] = (counts[index] ?? 0) + 1;
    if (index % 5 !== 4) continue;
    const earlier = Math.floor(random() * index);
    writer.ascii(`${keyAt(earlier)}\n`);
    counts[earlier] = (counts[earlier] ?? 0) + 1;
  }
  writer.close();

  const digest = new Digest();
  for (const [index, count] of counts.entries()) digest.add([keyAt(index)], [count]);
  return digest.summary();
}

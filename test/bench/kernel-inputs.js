// Writes seeded text for the benchmarks: words by Zipf's law, short ones common, with a little
// punctuation and capitals, in lines of some 60 to 90 bytes; or words that are all different.

import { openSync, writeSync, closeSync, existsSync, statSync } from 'node:fs';

/** A small seeded generator of numbers in [0, 1) (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const syllables =
  'a e i o u th an in er re on at en or ti st nd al ar te co de se me ro li ra is ne ve ta ri ce ma si om ur ch pre con tion ing ment'.split(
    ' ',
  );

/** Words by rank: the first hundred have two to four letters, rare ones six to twelve, as in real text. */
function vocabulary(size, random) {
  const words = new Set();
  while (words.size < size) {
    const wanted = 0.6 + Math.log10(words.size + 1) * 1.1 + random() * 2;
    let word = '';
    while (word.length < wanted) word += syllables[Math.floor(random() * syllables.length)];
    words.add(word);
  }
  return [...words];
}

/** Natural-like text of `bytes` bytes into `path`, unless it is there already. */
export function writeText(path, bytes, distinct, seed = 1) {
  if (existsSync(path) && statSync(path).size >= bytes) return;
  const random = randomNumbers(seed);
  const words = vocabulary(distinct, random);
  // Inverse of the Zipf distribution, exponent 1.1, by a table of sums.
  const sums = new Float64Array(words.length);
  let total = 0;
  for (let rank = 0; rank < words.length; rank++) sums[rank] = total += 1 / (rank + 2.7) ** 1.1;
  const pick = () => {
    const wanted = random() * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return words[low];
  };
  const file = openSync(path, 'w');
  let written = 0;
  while (written < bytes) {
    let text = '';
    while (text.length < 1 << 20) {
      let line = '';
      const width = 60 + random() * 30;
      while (line.length < width) {
        let word = pick();
        const chance = random();
        if (chance < 0.05) word += '.';
        else if (chance < 0.1) word += ',';
        else if (chance < 0.15) word = word[0].toUpperCase() + word.slice(1);
        line += line === '' ? word : ' ' + word;
      }
      text += line + '\n';
    }
    written += writeSync(file, text);
  }
  closeSync(file);
}

/** `count` different words in mixed order, eight to a line. */
export function writeDistinct(path, count) {
  if (existsSync(path)) return;
  const file = openSync(path, 'w');
  let text = '';
  for (let index = 0; index < count; index++) {
    // Multiplying by an odd constant modulo 2^32 keeps the numbers different.
    text += 'k' + (Math.imul(index, 0x9e3779b1) >>> 0).toString(36) + (index % 8 === 7 ? '\n' : ' ');
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
}

/** Lines of an access log, 120 bytes each on average. */
export function writeLog(path, lines) {
  if (existsSync(path)) return;
  const random = randomNumbers(2);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const file = openSync(path, 'w');
  let text = '';
  for (let index = 0; index < lines; index++) {
    const address = `${1 + Math.floor(random() * 223)}.${Math.floor(random() * 256)}.7.${Math.floor(random() * 256)}`;
    const time = `10/Oct/2025:13:${String(10 + (index % 50))}:${String(10 + (index % 49))} +0000`;
    const request = `${pick(['GET', 'GET', 'POST'])} /shop/${pick(['item', 'cart', 'find'])}/${Math.floor(random() * 5000)} HTTP/1.1`;
    const status = pick(['200', '200', '200', '304', '404', '500']);
    const size = status === '304' ? '-' : Math.floor(random() * 50_000);
    text += `${address} - - [${time}] "${request}" ${status} ${size} "-" "Mozilla/5.0 (X11; Linux x86_64)"\n`;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
}

/** The same as JSON objects, 110 bytes each on average. */
export function writeObjects(path, lines) {
  if (existsSync(path)) return;
  const random = randomNumbers(3);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const file = openSync(path, 'w');
  let text = '';
  for (let index = 0; index < lines; index++) {
    text += `${JSON.stringify({
      time: 1_700_000_000_000 + index,
      method: pick(['GET', 'GET', 'POST']),
      path: `/shop/${pick(['item', 'cart', 'find'])}/${Math.floor(random() * 5000)}`,
      status: pick([200, 200, 200, 304, 404, 500]),
      bytes: Math.floor(random() * 50_000),
      seconds: Math.floor(random() * 10_000) / 1000,
    })}\n`;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
}

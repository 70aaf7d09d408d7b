// Inputs whose records are grouped: an access log and NDJSON, with the reference counted as they are written.
import { ByteWriter } from './byte-writer.js';
import { Digest } from './digest.js';
import { createRandom, pick } from './random.js';

const statuses = [
  ...Array(70).fill('200'),
  ...Array(10).fill('304'),
  '301',
  '302',
  '403',
  '500',
  '503',
  '201',
].concat(Array(6).fill('404'));
const methods = ['GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST'];
const folders = ['cart', 'search', 'images', 'api/v1/items', 'login', 'static/js', 'account'];
const agents = ['Mozilla/5.0 (X11; Linux x86_64)', 'curl/8.5.0', 'Mozilla/5.0 (Macintosh)', 'Googlebot/2.1'];
const referrers = ['-', '-', 'https://example.com/', 'https://example.org/a?b=c'];

/** Groups → [count, sum]; few enough for a Map. */
class Groups {
  /** @type {Map<string, [number, number]>} */
  #sums = new Map();

  /** @param {string} key several keys are joined with a tab @param {number} value */
  add(key, value) {
    const sums = this.#sums.get(key);
    if (!sums) {
      this.#sums.set(key, [1, value]);
      return;
    }
    sums[0]++;
    sums[1] += value;
  }

  summary() {
    const digest = new Digest();
    for (const [key, sums] of this.#sums) digest.add(key.split('\t'), sums);
    return digest.summary();
  }
}

/** @param {number} second of the day */
function clock(second) {
  const parts = [Math.floor(second / 3600) % 24, Math.floor(second / 60) % 60, second % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/**
 * An access log in the combined format; a response without a body has `-` for its bytes.
 * @param {string} path
 * @param {number} lines
 */
export function writeAccessLog(path, lines) {
  const random = createRandom(4);
  const writer = new ByteWriter(path);
  const groups = new Groups();
  for (let index = 0; index < lines; index++) {
    const status = pick(random, statuses);
    const bytes = status === '304' || random() < 0.01 ? '-' : String(Math.floor(random() ** 4 * 200_000));
    groups.add(status, bytes === '-' ? 0 : Number(bytes));
    const host = `10.${Math.floor(random() * 8)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`;
    const target = `/${pick(random, folders)}/${Math.floor(random() * 5000)}`;
    // The whole log is one day, however many lines there are.
    const time = `10/Oct/2025:${clock(Math.floor((index / lines) * 86_400))} +0000`;
    writer.ascii(
      `${host} - - [${time}] "${pick(random, methods)} ${target} HTTP/1.1" ${status} ${bytes} ` +
        `"${pick(random, referrers)}" "${pick(random, agents)}"\n`,
    );
  }
  writer.close();
  return groups.summary();
}

const shops = ['north', 'south', 'east', 'west', 'harbour', 'station', 'airport', 'online'];
const kinds = ['order', 'order', 'order', 'refund', 'quote', 'return'];
const tags = ['a', 'b', 'new'];
const notes = [
  '',
  '',
  '',
  '',
  'gift',
  'call first',
  String.raw`say \"hi\"`,
  String.raw`a\\b`,
  String.raw`two\nlines`,
];

/**
 * Orders with a dozen fields. A price is a multiple of a quarter, so that its sum is exact in any order.
 * @param {string} path
 * @param {number} records
 */
export function writeOrders(path, records) {
  const random = createRandom(5);
  const writer = new ByteWriter(path);
  const groups = new Groups();
  for (let index = 0; index < records; index++) {
    const shop = pick(random, shops);
    const kind = pick(random, kinds);
    const price = Math.floor(random() * 2000) / 4;
    groups.add(`${shop}\t${kind}`, price);
    writer.ascii(
      `{"id":${index},"t":${1_760_000_000 + (index >> 3)},"user":{"id":${Math.floor(random() * 50_000)},` +
        `"age":${18 + Math.floor(random() * 60)}},"shop":"${shop}","kind":"${kind}","price":${price},` +
        `"n":${1 + Math.floor(random() * 9)},"paid":${random() < 0.9},"tags":["${pick(random, tags)}"],` +
        `"note":"${pick(random, notes)}"}\n`,
    );
  }
  writer.close();
  return groups.summary();
}

// What programs print → keys and numbers. Output is read as latin1, so that no byte is lost and none costs a decoder.
import { Digest } from './digest.js';

/** @typedef {'csv' | 'tsv' | 'uniq' | 'total' | 'agrind' | 'goaccess'} Format */

/** @param {string} line */
function splitCsv(line) {
  if (!line.includes('"')) return line.split(',');
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  );
}

/** @param {string} line of `uniq -c` */
function splitUniq(line) {
  const text = line.trimStart();
  const space = text.indexOf(' ');
  return [text.slice(space + 1), text.slice(0, space)];
}

/** @type {Partial<Record<Format, (line: string) => string[]>>} */
const splitters = { csv: splitCsv, tsv: (line) => line.split('\t'), uniq: splitUniq };

/** @type {Partial<Record<Format, (text: string) => string[][]>>} results of a few rows, which are read as a whole */
const documents = {
  agrind: (text) =>
    JSON.parse(text).map((/** @type {Record<string, unknown>} */ row) => Object.values(row).map(String)),
  goaccess: (text) =>
    JSON.parse(text).status_codes.data.flatMap((/** @type {{ items?: GoAccessItem[] }} */ group) =>
      (group.items ?? []).map(({ data, hits, bytes }) => [
        data.slice(0, 3),
        `${hits.count}`,
        `${bytes.count}`,
      ]),
    ),
};

/** @typedef {{ data: string, hits: { count: number }, bytes: { count: number } }} GoAccessItem */

/**
 * @param {AsyncIterable<string>} chunks
 * @param {Format} format
 * @param {number} keys how many columns are keys
 * @param {number} [numbers] how many behind them count
 */
export async function digestRows(chunks, format, keys, numbers = Number.POSITIVE_INFINITY) {
  const digest = new Digest();
  let isFirst = true;
  let skipped = 0;
  const add = (/** @type {string[]} */ fields) => {
    // A window stands in front of the keys, and its name in a header, which has no numbers.
    if (isFirst && fields[0] === 'window_start') skipped = 2;
    const values = fields.slice(skipped + keys, skipped + keys + numbers).map(Number);
    const isHeader = isFirst && values.every(Number.isNaN);
    if (!isHeader) digest.add(fields.slice(skipped, skipped + keys), values);
    isFirst = false;
  };

  const splitLine = splitters[format];
  let rest = '';
  for await (const chunk of chunks) {
    rest += chunk;
    if (!splitLine) continue;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) add(splitLine(line));
  }
  if (splitLine && rest !== '') add(splitLine(rest));
  for (const fields of documents[format]?.(rest) ?? []) add(fields);
  if (format === 'total') digest.total = Number(rest);
  return digest.summary();
}

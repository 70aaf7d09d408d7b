// The pipelines that are killed: each a shell line, its input and its sink. Batches are cut by count and windows are on event
// time, so that an undisturbed run gives the same rows each time.
import { DatabaseSync } from '@photostructure/sqlite';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../bench/random.js';

const begin = Date.UTC(2026, 2, 1);

/** Payments, some seconds apart, a few out of order by less than the lateness. */
function payments(folder, count, seed) {
  const random = createRandom(seed);
  const lines = Array.from({ length: count }, (_, index) => {
    const at = new Date(begin + index * 40 - Math.floor(random() * 4000)).toISOString();
    const card = `c${Math.floor(random() ** 2 * 300)}`;
    return `{"id":${index},"at":"${at}","card":"${card}","amount":${Math.floor(random() * 10000)},"ms":${Math.floor(random() * 900)}}`;
  });
  writeFileSync(join(folder, 'payments.ndjson'), `${lines.join('\n')}\n`);
  // Every third is told once more, and all have a partner in another stream, for joins.
  const copies = lines.flatMap((line, index) => (index % 3 === 0 ? [line, line] : [line]));
  writeFileSync(join(folder, 'copies.ndjson'), `${copies.join('\n')}\n`);
  // Every second card has two rows in a table.
  const cards = Array.from({ length: 150 }, (_, index) => `c${2 * index},${index * 31}\nc${2 * index},1\n`);
  writeFileSync(join(folder, 'cards.csv'), `card,limit\n${cards.join('')}`);
}

function words(folder, lines, seed) {
  const random = createRandom(seed);
  const word = () => `w${Math.floor(random() ** 3 * 4000)}`;
  const text = Array.from({ length: lines }, () => Array.from({ length: 8 }, word).join(' '));
  writeFileSync(join(folder, 'words.txt'), `${text.join('\n')}\n`);
}

export function makeInputs(folder, size = 1) {
  words(folder, Math.round(60_000 * size), 1);
  payments(folder, Math.round(40_000 * size), 2);
}

const ingest = 'ingest --format json --final payments.ndjson';
const batch = (records) => `batch --records ${records} --checkpoint 60ms`;

/** `prepare` is a line that makes a further stream, once. */
export const pipelines = [
  {
    name: 'words per batch',
    stages: ['ingest words.txt', batch(1500), 'reduce --words', 'emit out.csv'],
  },
  {
    name: 'running words',
    stages: ['ingest words.txt', batch(4000), 'reduce --words --running --emit changed', 'emit out.csv'],
  },
  {
    name: 'sliding window',
    stages: [
      ingest,
      batch(1000),
      'window 60s --slide 10s --time at --lateness 5s',
      "reduce count 'sum(amount)' --by card",
      'emit out.csv',
    ],
  },
  {
    name: 'window of quantiles and lists',
    stages: [
      ingest,
      batch(1000),
      'window 30s --slide 15s --time at --lateness 5s',
      "reduce 'p99(ms)' 'distinct(card)' 'top(3, card)' 'max(amount)' 'first(id)'",
      'emit out.ndjson',
    ],
  },
  {
    name: 'sessions',
    stages: [
      ingest,
      batch(1000),
      'window --session 20s --time at --lateness 5s',
      "reduce count 'sum(amount)' --by card",
      'emit out.csv',
    ],
  },
  {
    name: 'running totals',
    stages: [ingest, batch(2000), "reduce count 'avg(amount)' --by card --running", 'emit out.csv'],
  },
  {
    name: 'windows that fill',
    stages: [
      ingest,
      batch(2000),
      'window 5m --slide 1m --time at --lateness 5s',
      'reduce count --by card --mode update',
      'emit out.ndjson',
    ],
  },
  {
    name: 'sliding window into a database',
    stages: [
      ingest,
      batch(1000),
      'window 60s --slide 10s --time at --lateness 5s',
      "reduce count 'sum(amount)' --by card",
      'emit sqlite:out.db',
    ],
  },
  {
    name: 'files by time',
    stages: [
      ingest,
      batch(1000),
      "map --filter 'amount>6000'",
      'emit file:out/{hour:at}/{minute:at}.csv --rotate-size 8KiB',
    ],
  },
  {
    name: 'windows of records, not reduced',
    stages: [ingest, batch(1000), 'window --records 2500', 'emit out.ndjson'],
  },
  {
    name: 'without copies',
    stages: [
      'ingest --format json copies.ndjson',
      batch(1000),
      'dedup --by id --time at --within 1m',
      'reduce count --running',
      'emit out.csv',
    ],
  },
  {
    name: 'a sample up to a limit',
    stages: [
      ingest,
      batch(1000),
      "map --filter 'amount>500' --sample 0.6 --map '({ card, amount }) => ({ card, amount })' --limit 18000",
      'reduce count --by card --running --emit changed',
      'emit out.csv',
    ],
  },
  {
    name: 'two sinks of one process',
    line: `sluice run '${ingest} | ${batch(1000)} | reduce count --by card | emit cards.csv ;
      ${ingest} | ${batch(1000)} | window 60s --time at --lateness 5s | reduce "sum(amount)" | emit sums.ndjson'`,
    sinks: ['cards.csv', 'sums.ndjson'],
  },
  {
    name: 'join',
    prepare: 'sluice ingest --format json copies.ndjson | sluice batch --records 1000 > right.env',
    stages: [
      ingest,
      batch(1000),
      'join --with right.env --on id --time at --within 10s --lateness 5s --type left',
      "reduce count 'sum(right_amount)' --by card",
      'emit out.csv',
    ],
  },
  {
    name: 'join with a table, held back',
    stages: [
      `${ingest} --max-rate 60000/s`,
      batch(1000),
      'join cards.csv --on card --type left --part-size 20KiB',
      "reduce count 'sum(right_limit)' --by card --running --emit changed",
      'emit out.csv',
    ],
  },
];

/** As a shell types it, or as one process. */
export function lineOf({ stages, line }, form) {
  if (line) return line;
  return form === 'run'
    ? `sluice run '${stages.join(' | ').replaceAll("'", `'\\''`)}'`
    : stages.map((stage) => `sluice ${stage}`).join(' | ');
}

/** What the sink in `folder` holds: a file's bytes, or the rows of a database's table in the order they came. */
export function sinkContent({ stages, sinks }, folder) {
  if (sinks) return Buffer.concat(sinks.map((sink) => readFileSync(join(folder, sink))));
  const [, sink] = stages.at(-1).split(' ');
  if (sink.startsWith('file:')) {
    const files = readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const paths = files.map((file) => join(file.parentPath ?? file.path, file.name)).toSorted();
    return Buffer.from(
      paths.map((path) => `${path.slice(folder.length)}\n${readFileSync(path, 'utf8')}`).join(''),
    );
  }
  if (!sink.startsWith('sqlite:')) return readFileSync(join(folder, sink));
  const database = new DatabaseSync(join(folder, sink.slice('sqlite:'.length)), { readOnly: true });
  const rows = database.prepare('SELECT rowid, * FROM out ORDER BY rowid').all();
  database.close();
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

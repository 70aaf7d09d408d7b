// Each piece of work, and how sluice and each peer do it. A command is what a user of that program would type; it runs
// in the folder of the inputs. README.md says which comparisons are unfair on purpose.

/** @typedef {import('./read-rows.js').Format} Format */
/** @typedef {import('./tools.js').Program} Program */

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {Program} needs
 * @property {string} command
 * @property {Format} [format] how to read what it prints; without one it is only timed
 * @property {boolean} [isSlow] timed once
 * @property {boolean} [mayBeMissing] `sluice run`: left out while the command says it is wrong use
 */

/**
 * @typedef {object} Work
 * @property {string} name for --only
 * @property {string} title
 * @property {string} input
 * @property {number} keys how many columns of a result are keys
 * @property {number} [values] how many columns behind them are checked; all where it is missing
 * @property {number} [runs] instead of --runs
 * @property {string[]} against the rows others are compared with
 * @property {Row[]} rows
 */

/** @param {string} stages the plan @param {string} [options] */
const run = (stages, options = '') => `sluice run ${options}'${stages}'`;

/** @param {string} stages as `run` takes them, in quotes of the other kind; here each becomes a process */
const shell = (stages) =>
  stages
    .replaceAll('"', "'")
    .split(' | ')
    .map((stage) => `sluice ${stage}`)
    .join(' | ');

const lines = "header=false, quote='', escape='', auto_detect=false";

/** @param {string} file */
const once = (file) => `ingest ${file} | batch --once | reduce --words | emit --format csv`;

/** @param {string} file @returns {Row[]} word counts, for text and for keys */
function wordCounts(file) {
  const stages = once(file);
  return [
    { name: 'sluice, 4 stages', needs: 'sluice', command: shell(stages), format: 'csv' },
    { name: 'sluice run', needs: 'sluice', command: run(stages), format: 'csv', mayBeMissing: true },
    {
      name: 'mawk',
      needs: 'mawk',
      command: `mawk '{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (w in n) print w "\\t" n[w] }' ${file}`,
      format: 'tsv',
    },
    {
      name: 'gawk -b',
      needs: 'gawk',
      command: `gawk -b '{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (w in n) print w "\\t" n[w] }' ${file}`,
      format: 'tsv',
    },
    {
      name: 'sort | uniq -c',
      needs: 'sort',
      command: `tr -s ' ' '\\n' < ${file} | sort | uniq -c`,
      format: 'uniq',
    },
    {
      name: 'Miller',
      needs: 'mlr',
      command: `tr -s ' ' '\\n' < ${file} | mlr --inidx --ifs tab --otsv count-distinct -f 1`,
      format: 'tsv',
    },
    {
      name: 'DuckDB',
      needs: 'duckdb-query',
      command:
        `duckdb-query "select word, count(*) from (select unnest(string_split(line, ' ')) as word ` +
        `from read_csv('${file}', columns={'line': 'VARCHAR'}, delim='\\x01', ${lines})) where word <> '' group by word"`,
      format: 'tsv',
    },
    { name: 'C', needs: 'wordcount', command: `wordcount ${file}`, format: 'tsv' },
    { name: 'wc -w', needs: 'wc', command: `wc -w < ${file}`, format: 'total' },
  ];
}

const fiveStages = 'ingest text.txt | batch 1s | reduce --words | window 1d | reduce | emit --format csv';
/** Some 2,000 batches for 200 MB. */
const smallBatches =
  'ingest text.txt | batch --records 1000 | reduce --words | window --records 1000000000 | reduce | emit --format csv';

/** @param {string} stages to the end, so that windows close, and anew each time */
const withState = (stages) =>
  `rm -rf state && export SLUICE_STATE=state && ${shell(stages.replace('ingest', 'ingest --final'))}`;

const byStatus =
  'ingest access.log | batch --once | reduce count "sum($10)" --by "status=$9" | emit --format csv';
const byShop =
  'ingest --format json orders.ndjson | batch --once | reduce count "sum(price)" --by shop,kind | emit --format csv';

/** @type {Row[]} */
const accessLogRows = [
  { name: 'sluice, 4 stages', needs: 'sluice', command: shell(byStatus), format: 'csv' },
  { name: 'sluice run', needs: 'sluice', command: run(byStatus), format: 'csv', mayBeMissing: true },
  ...['mawk', 'gawk -b'].map((awk) => ({
    name: awk,
    needs: /** @type {Program} */ (awk.split(' ')[0]),
    // print would round a sum of more than six digits in mawk.
    command: `${awk} '{ n[$9]++; s[$9] += $10 } END { for (k in n) printf "%s\\t%d\\t%.0f\\n", k, n[k], s[k] }' access.log`,
    format: /** @type {Format} */ ('tsv'),
  })),
  {
    name: 'Miller',
    needs: 'mlr',
    command: "mlr --inidx --ifs ' ' --otsv stats1 -a count,sum -f 10 -g 9 access.log",
    format: 'tsv',
  },
  {
    name: 'angle-grinder',
    needs: 'agrind',
    command:
      String.raw`agrind -o json -f access.log '* | parse "* * * [*] \"*\" * * \"*\"" ` +
      `as ip, ident, user, time, request, status, bytes, rest | count, sum(bytes) by status'`,
    format: 'agrind',
  },
  {
    name: 'GoAccess',
    needs: 'goaccess',
    command: 'goaccess access.log --log-format=COMBINED -o json',
    format: 'goaccess',
    isSlow: true,
  },
  {
    name: 'DuckDB',
    needs: 'duckdb-query',
    command:
      `duckdb-query "select status, count(*), coalesce(sum(bytes), 0) from read_csv('access.log', delim=' ', ` +
      `quote='\\"', escape='', header=false, auto_detect=false, nullstr='-', columns={'host': 'VARCHAR', ` +
      `'ident': 'VARCHAR', 'user': 'VARCHAR', 'time': 'VARCHAR', 'zone': 'VARCHAR', 'request': 'VARCHAR', ` +
      `'status': 'VARCHAR', 'bytes': 'BIGINT', 'referrer': 'VARCHAR', 'agent': 'VARCHAR'}) group by status"`,
    format: 'tsv',
  },
];

/** `combined`, as nginx writes it: every field has a name, and the slowest hundredth is asked for as well. */
const combinedByStatus =
  'ingest combined.log --format combined | batch --once | reduce count "sum(bytes)" "p99(bytes)" --by status | emit --format csv';

/** @type {Row[]} */
const combinedRows = [
  { name: 'sluice, 4 stages', needs: 'sluice', command: shell(combinedByStatus), format: 'csv' },
  {
    name: 'sluice, 4 stages, --fields',
    needs: 'sluice',
    command: shell(combinedByStatus.replace('combined |', 'combined --fields status,bytes |')),
    format: 'csv',
  },
  { name: 'sluice run', needs: 'sluice', command: run(combinedByStatus), format: 'csv' },
  {
    name: 'Miller',
    needs: 'mlr',
    // White space only, which is faster than any way to give the fields names.
    command: "mlr --inidx --ifs ' ' --otsv stats1 -a count,sum,p99 -f 10 -g 9 combined.log",
    format: 'tsv',
    isSlow: true,
  },
  {
    name: 'angle-grinder',
    needs: 'agrind',
    command:
      String.raw`agrind -o json -f combined.log '* | parse "* * * [*] \"*\" * * \"*\" \"*\"" ` +
      `as ip, ident, user, time, request, status, bytes, referer, agent | count, sum(bytes), p99(bytes) by status'`,
    format: 'agrind',
    isSlow: true,
  },
  {
    name: 'GoAccess',
    needs: 'goaccess',
    command: 'goaccess combined.log --log-format=COMBINED -o json',
    format: 'goaccess',
    isSlow: true,
  },
  {
    name: 'DuckDB, regular expression',
    needs: 'duckdb-query',
    command:
      `duckdb-query "select f.status, count(*), coalesce(sum(try_cast(f.bytes as bigint)), 0), approx_quantile(try_cast(f.bytes as bigint), 0.99) ` +
      String.raw`from (select regexp_extract(line, '^(\S+) (\S+) (\S+) \[([^\]]*)\] \"([^\"]*)\" (\d+) (\S+) \"([^\"]*)\" \"([^\"]*)\"', ` +
      `['host', 'ident', 'user', 'time', 'request', 'status', 'bytes', 'referer', 'agent']) as f ` +
      `from read_csv('combined.log', columns={'line': 'VARCHAR'}, delim='\\x01', ${lines})) group by f.status"`,
    format: 'tsv',
  },
];

/** @type {Row[]} */
const orderRows = [
  { name: 'sluice, 4 stages', needs: 'sluice', command: shell(byShop), format: 'csv' },
  { name: 'sluice run', needs: 'sluice', command: run(byShop), format: 'csv', mayBeMissing: true },
  {
    name: 'Miller',
    needs: 'mlr',
    command: 'mlr --ijson --otsv stats1 -a count,sum -f price -g shop,kind orders.ndjson',
    format: 'tsv',
  },
  {
    name: 'jq',
    needs: 'jq',
    command:
      String.raw`jq -nr 'reduce inputs as $r ({}; .["\($r.shop)\t\($r.kind)"] |= [.[0] + 1, .[1] + $r.price]) ` +
      String.raw`| to_entries[] | "\(.key)\t\(.value[0])\t\(.value[1])"' orders.ndjson`,
    format: 'tsv',
    isSlow: true,
  },
  {
    name: 'angle-grinder',
    needs: 'agrind',
    command: "agrind -o json -f orders.ndjson '* | json | count, sum(price) by shop, kind'",
    format: 'agrind',
  },
  {
    name: 'DuckDB',
    needs: 'duckdb-query',
    command:
      `duckdb-query "select shop, kind, count(*), sum(price) from read_json('orders.ndjson', ` +
      `format='newline_delimited', columns={'shop': 'VARCHAR', 'kind': 'VARCHAR', 'price': 'DOUBLE'}) group by shop, kind"`,
    format: 'tsv',
  },
];

/** A stage that gets the end of a stream and nothing else. */
const atEnd = `<<< '{"v":1,"n":0,"end":"ok","records":[]}'`;

/** @type {Work[]} */
export const works = [
  {
    name: 'words',
    title: 'Word count of natural text',
    input: 'text',
    keys: 1,
    against: ['sluice, 5 stages', 'sluice, 4 stages', 'sluice run'],
    rows: [
      { name: 'sluice, 5 stages', needs: 'sluice', command: shell(fiveStages), format: 'csv' },
      ...wordCounts('text.txt'),
    ],
  },
  {
    name: 'keys',
    title: 'Millions of distinct keys',
    input: 'keys',
    keys: 1,
    against: ['sluice, 4 stages', 'sluice run'],
    rows: wordCounts('keys.txt'),
  },
  {
    name: 'access-log',
    title: 'Access log: count and sum of bytes by status',
    input: 'accessLog',
    keys: 1,
    against: ['sluice, 4 stages', 'sluice run'],
    rows: accessLogRows,
  },
  {
    name: 'combined',
    title: 'Combined log, 1 GB: count, sum and 99th percentile of bytes by status',
    input: 'combined',
    keys: 1,
    values: 2,
    against: ['sluice, 4 stages', 'sluice run'],
    rows: combinedRows,
  },
  {
    name: 'ndjson',
    title: 'NDJSON: count and sum by two keys',
    input: 'orders',
    keys: 2,
    against: ['sluice, 4 stages', 'sluice run'],
    rows: orderRows,
  },
  {
    name: 'workers',
    title: 'One worker and two',
    input: 'text',
    keys: 1,
    against: ['2 workers'],
    rows: ['1', '2'].map((count) => ({
      name: `${count} worker${count === '1' ? '' : 's'}`,
      needs: 'sluice',
      command: run(once('text.txt'), `--workers ${count} `),
      format: 'csv',
      mayBeMissing: true,
    })),
  },
  {
    name: 'state',
    title: 'What it costs that nothing is lost: word count with and without state',
    input: 'text',
    keys: 1,
    against: ['batches of 1 s', 'many small batches'],
    rows: [
      { name: 'batches of 1 s', needs: 'sluice', command: shell(fiveStages), format: 'csv' },
      { name: 'batches of 1 s, with state', needs: 'sluice', command: withState(fiveStages), format: 'csv' },
      { name: 'many small batches', needs: 'sluice', command: shell(smallBatches), format: 'csv' },
      {
        name: 'many small batches, with state',
        needs: 'sluice',
        command: withState(smallBatches),
        format: 'csv',
      },
    ],
  },
  {
    name: 'start',
    title: 'Start of a stage',
    input: 'text',
    keys: 1,
    runs: 20,
    against: ['node -e 0'],
    rows: [
      { name: 'node -e 0', needs: 'node', command: 'node -e 0' },
      { name: 'ingest', needs: 'sluice', command: 'sluice ingest /dev/null' },
      ...['batch --once', 'reduce count', 'window 1d', 'emit --format csv'].map((stage) => ({
        name: stage.split(' ')[0] ?? stage,
        needs: /** @type {Program} */ ('sluice'),
        command: `sluice ${stage} ${atEnd}`,
      })),
      // A bare interpreter of another kind, to see what Node itself costs.
      { name: 'mawk', needs: 'mawk', command: "mawk 'BEGIN { exit }'" },
    ],
  },
];

// `node test/bench/skew.js [thousands of records] [rounds]`: nine of ten records have one key, eight partitions, a fold without a
// merge; the hot key split, and not. Both are `sluice run`, from a file; rows are compared first.
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createRandom, pick } from './random.js';

const thousands = Number(process.argv[2] ?? 1600);
const rounds = Number(process.argv[3] ?? 3);
const sluice = fileURLToPath(new URL('../../bin/sluice.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-skew-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
delete process.env['NODE_EXTRA_CA_CERTS'];

const browsers = ['Firefox/128.0', 'Chrome/126.0.0.0', 'Version/17.4 Safari/605.1.15', 'Edg/126.0.2592.87'];
const robots = ['Googlebot/2.1', 'bingbot/2.0', 'AhrefsBot/7.0', 'curl/8.5.0', 'python-requests/2.32.3'];
const systems = [
  'X11; Linux x86_64',
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'Linux; Android 14',
];

/** What a site wants to know of each tenant: who comes, told by a list of patterns, of which those that people use have many hundreds. */
const fold = `
const crawlers =
  'Googlebot AdsBot Mediapartners FeedFetcher Bingbot BingPreview Slurp wget LinkedInBot python-urllib python-requests aiohttp httpx libwww-perl httpunit nutch Go-http-client phpcrawl msnbot jyxobot FAST-WebCrawler BIGLOTRON Teoma convera seekbot Gigabot exabot ia_archiver GingerCrawler webmon HTTrack grub.org netresearchserver speedy fluffy findlink msrbot panscient yacybot AISearchBot ips-agent tagoobot MJ12bot woriobot yanga buzzbot mlbot YandexBot YandexImages purebot Linguee CyberPatrol voilabot Baiduspider citeseerx spbot twengabot postrank TurnitinBot scribdbot page2rss sitebot linkdex Adidxbot ezooms dotbot Mail.RU_Bot discobot heritrix findthatfile europarchive NerdByNature sistrix AhrefsBot fuelbot CrunchBot IndeedBot Mappy Screaming SEOkicks lssbot careerbot wotbox wocbot Siteimprove Aboundex acoonbot bnf.fr_bot toplistbot aihitbot edisterbot summify changedetection blexbot ecosia_bot DuckDuckBot Sogou Exabot facebookexternalhit facebot ICC-Crawler Applebot Cliqzbot Qwantify PetalBot Bytespider SemrushBot CCBot GPTBot ClaudeBot Amazonbot curl'
    .split(' ')
    .map((name) => new RegExp(name, 'i'));
// The devices that people have: parsers of agents know some thousand of them.
const devices =
  'SM-G99 SM-G98 SM-G97 SM-G96 SM-G95 SM-G93 SM-S90 SM-S91 SM-S92 SM-A01 SM-A02 SM-A03 SM-A04 SM-A05 SM-A10 SM-A12 SM-A13 SM-A14 SM-A20 SM-A21 SM-A22 SM-A23 SM-A30 SM-A31 SM-A32 SM-A33 SM-A34 SM-A40 SM-A41 SM-A42 SM-A50 SM-A51 SM-A52 SM-A53 SM-A54 SM-A70 SM-A71 SM-A72 SM-A73 SM-F70 SM-F71 SM-F92 SM-M11 SM-M21 SM-M31 SM-M51 SM-N97 SM-N98 SM-T50 SM-T51 SM-T72 Pixel Nexus ONEPLUS LE2115 IN2023 KB2003 CPH2 RMX2 RMX3 M2003 M2004 M2007 M2101 M2102 M2103 Redmi POCO MI_9 MI_8 HMA-L VOG-L ELE-L ANE-L LYA-L POT-L MAR-L EML-L CLT-L STK-L YAL-L moto_g moto_e XT19 XT20 XT21 LM-Q LM-G LM-K LM-X H870 G8141 G8441 H8216 XQ-A XQ-B Nokia_7 Nokia_5 TA-10 TA-12 KFMAWI KFTRWI KFONWI AFTMM AFTKA AFTT BRAVIA SmartTV Tizen WebOS CrKey Roku PlayStation Xbox Nintendo iPhone iPad iPod'
    .split(' ')
    .map((name) => new RegExp(name.replace('_', '[ _]')));
const patterns = [
  ...crawlers.map((pattern) => ['crawler', pattern]),
  ['edge', /Edg(A|iOS)?\\/(\\d+)/],
  ['opera', /(OPR|Opera)\\/(\\d+)/],
  ['samsung', /SamsungBrowser\\/(\\d+)/],
  ['firefox', /(Firefox|FxiOS)\\/(\\d+)/],
  ['chrome', /(Chrome|CriOS)\\/(\\d+)/],
  ['safari', /Version\\/(\\d+).*Safari\\//],
];
const systems = [/Windows NT (\\d+)/, /Android (\\d+)/, /(iPhone|iPad)/, /Mac OS X (\\d+)/, /Linux/];
export const init = () => new Map();
export function add(state, { url, agent }) {
  const family = patterns.find(([, pattern]) => pattern.test(agent))?.[0] ?? 'other';
  const device = devices.findIndex((pattern) => pattern.test(agent));
  const system = systems.findIndex((pattern) => pattern.test(agent));
  const { pathname, searchParams } = new URL(url);
  const name = [family, device, system, pathname.split('/')[1], searchParams.get('from') ?? ''].join(' ');
  state.set(name, (state.get(name) ?? 0) + 1);
  return state;
}
export const result = (state) => Object.fromEntries([...state].sort());
export function combine(one, other) {
  const sum = new Map(Object.entries(one));
  for (const [name, count] of Object.entries(other)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries([...sum].sort());
}
`;

const module = join(folder, 'visitors.mjs');
writeFileSync(module, fold);
const input = join(folder, 'visits.ndjson');
writeVisits(input, thousands * 1000);

/** @param {string} path @param {number} records */
function writeVisits(path, records) {
  const random = createRandom(6);
  const file = openSync(path, 'w');
  for (let done = 0; done < records; done += 1000) {
    const lines = Array.from({ length: 1000 }, () => {
      const tenant = random() < 0.9 ? 'large' : `tenant ${Math.floor(random() * 500)}`;
      const agent =
        random() < 0.2
          ? pick(random, robots)
          : `Mozilla/5.0 (${pick(random, systems)}) Gecko ${pick(random, browsers)}`;
      const url = `https://example.com/${pick(random, ['cart', 'search', 'item'])}/${Math.floor(random() * 1e6)}?from=${pick(random, ['mail', 'ad', 'link'])}`;
      return JSON.stringify({ tenant, agent, url });
    });
    writeSync(file, `${lines.join('\n')}\n`);
  }
  closeSync(file);
}

/** @param {string} salt */
const reduction = (salt) => `reduce --fold ${module} --by tenant --partitions 8 --salt ${salt}`;

/** @param {string} salt */
function timed(salt) {
  const stages = `ingest --format json ${input} | batch --once | ${reduction(salt)} | emit --format ndjson`;
  const start = performance.now();
  const rows = execFileSync(process.execPath, [sluice, 'run', stages], { maxBuffer: 2 ** 30 }).toString();
  return { seconds: (performance.now() - start) / 1000, rows };
}

/** @param {string} salt */
function report(salt) {
  const line = `"${sluice}" ingest --format json ${input} | "${sluice}" batch --once | "${sluice}" ${reduction(salt)} | grep '"last":true'`;
  const header = JSON.parse(execFileSync('bash', ['-c', line], { maxBuffer: 2 ** 30 }).toString());
  return header.stages.at(-1);
}

const folding = join(folder, 'folding.mjs');
writeFileSync(
  folding,
  `import { readFileSync } from 'node:fs';
import { add, init, result } from './visitors.mjs';
const [from, to] = process.argv.slice(2).map(Number);
const states = new Map();
for (const line of readFileSync('visits.ndjson', 'utf8').trimEnd().split('\\n').slice(from, to)) {
  const record = JSON.parse(line);
  states.set(record.tenant, add(states.get(record.tenant) ?? init(), record));
}
for (const [tenant, state] of states) states.set(tenant, result(state));
`,
);

/** So many bare processes at once that fold an even part of the records each: what the machine can gain by a second processor. @param {number} processes */
async function folded(processes) {
  const each = (thousands * 1000) / processes;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      promisify(execFile)(process.execPath, [folding, `${index * each}`, `${(index + 1) * each}`], {
        cwd: folder,
      }),
    ),
  );
  return (performance.now() - start) / 1000;
}

/** @param {number[]} numbers */
const median = (numbers) =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

if (timed('off').rows !== timed('auto').rows) throw new Error('the rows differ');
/** @type {Record<string, number[]>} */
const times = { off: [], auto: [] };
/** @type {number[]} */
const gains = [];
for (let round = 0; round < rounds; round += 1) {
  for (const [salt, seconds] of Object.entries(times)) seconds.push(timed(salt).seconds);
  gains.push((await folded(1)) / (await folded(2)));
}
const ratios = times['off']?.map((seconds, round) => seconds / (times['auto']?.[round] ?? Number.NaN)) ?? [];

process.stdout.write('| salt | s | min–max | imbalance | hot |\n| --- | ---: | ---: | ---: | --- |\n');
for (const [salt, seconds] of Object.entries(times)) {
  const { imbalance, hot } = report(salt);
  const range = `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`;
  process.stdout.write(`| ${salt} | ${median(seconds).toFixed(2)} | ${range} | ${imbalance} | ${hot} |\n`);
}
process.stdout.write(
  `\n${thousands},000 records; split it is ${median(ratios).toFixed(2)} × as fast (median of ${rounds} rounds).\nTwo bare processes with a half each are ${median(gains).toFixed(2)} × as fast as one with all, start included; of that nine tenths can be gained.\n`,
);

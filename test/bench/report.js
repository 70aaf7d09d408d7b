// Measured runs → Markdown: one table a piece of work, the commands below it.
import { median, medianRatio } from './measure.js';

/** @typedef {import('./measure.js').Run} Run */
/** @typedef {{ name: string, walls: number[], cpus: number[], peaks: number[] }} Line */

/** @param {readonly (number | undefined)[]} values */
const known = (values) => values.filter((value) => value !== undefined);

/** @param {string} name @param {Run[]} runs @returns {Line[]} a second line for the query alone, where one is known */
function toLines(name, runs) {
  const walls = runs.map(({ wall }) => wall);
  const cpus = known(runs.map(({ cpu }) => cpu));
  const lines = [{ name, walls, cpus, peaks: known(runs.map(({ peak }) => peak)) }];
  const queries = known(runs.map(({ query }) => query));
  if (queries.length > 0) lines.push({ name: `${name}, query only`, walls: queries, cpus: [], peaks: [] });
  return lines;
}

/** @param {number} value three digits that say something */
function digits(value) {
  if (Number.isNaN(value)) return '–';
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
}

/** @param {readonly string[][]} rows */
function toTable(rows) {
  const [head = [], ...body] = rows;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...body]
    .map((cells) => `| ${cells.join(' | ').replaceAll('sort | ', 'sort \\| ')} |`)
    .join('\n');
}

/**
 * @param {import('./peers.js').Work} work
 * @param {number} bytes
 * @param {ReadonlyMap<import('./peers.js').Row, Run[]>} results
 * @param {readonly string[]} leftOut
 */
export function reportWork(work, bytes, results, leftOut) {
  const lines = Array.from(results).flatMap(([row, runs]) => toLines(row.name, runs));
  const against = work.against.flatMap((name) => lines.find((line) => line.name === name) ?? []);
  const isTimedAlone = work.name === 'start';
  /** @type {{ title: string, cell: (line: Line) => string }[]} */
  const columns = [
    { title: '', cell: ({ name }) => name },
    { title: 'wall s', cell: ({ walls }) => digits(median(walls)) },
    { title: 'min–max', cell: ({ walls }) => `${digits(Math.min(...walls))}–${digits(Math.max(...walls))}` },
    { title: 'runs', cell: ({ walls }) => String(walls.length) },
    { title: 'CPU s', cell: ({ cpus }) => digits(median(cpus)) },
    { title: 'peak MB', cell: ({ peaks }) => digits(median(peaks)) },
  ];
  if (!isTimedAlone) {
    columns.push({ title: 'MB/s', cell: ({ walls }) => digits(bytes / 1e6 / median(walls)) });
  }
  for (const { name, walls } of against) {
    columns.push({ title: `× ${name}`, cell: (line) => digits(medianRatio(line.walls, walls)) });
  }
  const body = lines.map((line) => columns.map(({ cell }) => cell(line)));
  const commands = Array.from(results.keys(), ({ name, command }) => `# ${name}\n${command}`);
  const size = isTimedAlone ? '' : `${digits(bytes / 1e6)} MB. `;
  return [
    `## ${work.title} (\`${work.name}\`)`,
    `${size}The columns with × say how many times as long a row takes as the one they name.`,
    ...(body.length > 0 ? [toTable([columns.map(({ title }) => title), ...body])] : []),
    ...(leftOut.length > 0 ? [leftOut.map((line) => `- left out: ${line}`).join('\n')] : []),
    ...(commands.length > 0 ? [`\`\`\`sh\n${commands.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

/** @param {{ date: string, commit: string, processor: string, cores: number, memory: number, system: string }} machine
 * @param {ReadonlyMap<string, string>} versions */
export function reportMachine(machine, versions) {
  return [
    `# Benchmark, ${machine.date}, commit ${machine.commit}`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memory} GB, ${machine.system}`,
    toTable([['program', 'version'], ...Array.from(versions, ([program, version]) => [program, version])]),
  ].join('\n\n');
}

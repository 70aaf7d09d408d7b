// The fast parser and yargs read the same tables: a line that both take gives the same settings.
import { describe, expect, test } from 'vitest';
import { parsePlain, stepOrder, type Invocation } from '../../src/command/parse.ts';
import { parseWithYargs } from '../../src/command/yargs.ts';
import { loadAllCommands } from '../../src/commands.ts';
import { failureOf } from '../helpers/envelopes.ts';

const commands = await loadAllCommands();

function plain(line: string): Invocation | undefined {
  const [name, ...rest] = line.split(' ');
  const command = commands.find((candidate) => candidate.name === name);
  return command && parsePlain(command, rest);
}

async function byYargs(line: string): Promise<Invocation | undefined> {
  const wish = await parseWithYargs(line.split(' '));
  return wish.command ? wish.invocation : undefined;
}

describe('the same settings', () => {
  test.each([
    'ingest',
    'ingest a.log b.log',
    'map --limit 3 --filter a>1 --words --filter=b>2 --on-error skip --limit 4',
    'ingest a.log --format json b.log --max-record=4K',
    'ingest --on-error skip --max-errors 0 10 007',
    'ingest --on-error=dead=letters.ndjson',
    'batch 10s',
    'batch --records 100 --part-size 64KiB',
    'batch --once',
    'window 30s --slide 10s',
    'window',
    'reduce',
    'reduce --words',
    'reduce count sum(bytes) errors=count --by a,b --by c=$9',
    'reduce --by=a=b --partial',
    'reduce --by __proto__ 1e3',
    'reduce --by user.name sum(a.b)',
    'emit --sort count --reverse --top 10 --format csv --color never',
    'emit --sort 1',
  ])('%s', async (line) => {
    const settings = plain(line);
    expect(settings).toBeDefined();
    expect(await byYargs(line)).toEqual(settings);
  });
});

test('- is an operand', () => {
  expect(plain('ingest - a.log')?.operands).toEqual(['-', 'a.log']);
});

describe('left to yargs', () => {
  test.each([
    'emit --help',
    'emit -h',
    'emit --version',
    'window 1s 2s',
    'emit --tpo 3',
    'emit --top',
    'batch 1s 2s',
    'emit --sort -x',
  ])('%s', (line) => {
    expect(plain(line)).toBeUndefined();
  });

  test.each([
    ['emti', `there is no stage 'emti'`],
    ['emit --tpo 3', 'unknown option --tpo'],
    ['--tpo', 'unknown option --tpo'],
  ])('%s: %s', async (line, why) => {
    await expect(parseWithYargs(line.split(' '))).rejects.toThrow(why);
  });
});

describe('wrong values', () => {
  test.each([
    ['reduce --words=true', 'usage: --words takes no value'],
    ['emit --top 0', `usage: --top: '0' is no count`],
    ['emit --top 1 --top 2', 'usage: --top is given more than once'],
    ['emit --format xml', `usage: --format cannot be 'xml'`],
    ['window 30s --lateness 10', `usage: --lateness: '10' is no duration`],
    ['ingest --max-record 1X', `usage: --max-record: '1X' is no size`],
  ])('%s: %s', (line, why) => {
    expect(failureOf(() => plain(line))).toBe(why);
  });
});

describe('the order of steps', () => {
  test.each<[string, string[]]>([
    ['map --limit 3 --filter a>1 --words --filter=b>2', ['limit', 'filter', 'words', 'filter']],
    ['map --on-error --words --seed 2 --sample 1%', ['sample']],
    ['reduce --words --by a', []],
  ])('%s', (line, order) => {
    const [name, ...rest] = line.split(' ');
    const command = commands.find((candidate) => candidate.name === name);
    expect(command && stepOrder(command, rest)).toEqual(order);
  });
});

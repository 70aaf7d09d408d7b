import { describe, expect, test } from 'vitest';
import { planPipelines } from '../../src/plan/plan.ts';
import type { PlanNode } from '../../src/plan/tree.ts';

/** `1 ingest(2 batch(3 emit))`: ids, names and what is behind them. */
function draw(nodes: readonly PlanNode[]): string {
  return nodes
    .map(
      ({ id, planned, next }) => `${id} ${planned.command.name}${next.length > 0 ? `(${draw(next)})` : ''}`,
    )
    .join(' ');
}

const treeOf = async (text: string): Promise<string> => draw((await planPipelines(text)).roots);

describe('equal beginnings are one', () => {
  test.each([
    ['a pipeline by itself', 'ingest a | batch 1s | emit', '1 ingest(2 batch(3 emit))'],
    [
      'up to where they differ',
      'ingest a | batch 1s | reduce count | emit x.csv ; ingest a | batch 1s | reduce --words | emit y.csv',
      '1 ingest(2 batch(3 reduce(4 emit) 5 reduce(6 emit)))',
    ],
    [
      'branches have branches',
      'ingest a | batch 1s | window 2s | reduce count | emit 1; ingest a | batch 1s | emit 2; ingest a | batch 1s | window 2s | reduce --words | emit 3',
      '1 ingest(2 batch(3 window(4 reduce(5 emit) 7 reduce(8 emit)) 6 emit))',
    ],
    [
      'settings count, not how they are written',
      'sluice ingest "a" --max-record 1KiB | batch 1s --part-size=1MiB | emit; ingest --max-record=1024 a | batch 1s | emit x',
      '1 ingest(2 batch(3 emit 4 emit))',
    ],
    [
      'sinks are never one',
      'ingest a | batch 1s | emit; ingest a | batch 1s | emit',
      '1 ingest(2 batch(3 emit 4 emit))',
    ],
    [
      'other operands',
      'ingest a | batch 1s | emit; ingest b | batch 1s | emit x',
      '1 ingest(2 batch(3 emit)) 4 ingest(5 batch(6 emit))',
    ],
    [
      'the order of operands',
      'ingest a b | batch 1s | emit; ingest b a | batch 1s | emit x',
      '1 ingest(2 batch(3 emit)) 4 ingest(5 batch(6 emit))',
    ],
    [
      'other settings',
      'ingest a | batch 1s | emit; ingest a | batch --once | emit x',
      '1 ingest(2 batch(3 emit) 4 batch(5 emit))',
    ],
    [
      'what is equal behind a difference is not shared',
      'ingest a | batch 1s | window 1s | reduce count | emit; ingest a | batch 1s | window 2s | reduce count | emit x',
      '1 ingest(2 batch(3 window(4 reduce(5 emit)) 6 window(7 reduce(8 emit))))',
    ],
    [
      'one source may feed what was written in between',
      'ingest a | batch 1s | emit; ingest b | batch 1s | emit x; ingest a | batch 1s | emit y',
      '1 ingest(2 batch(3 emit 7 emit)) 4 ingest(5 batch(6 emit))',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await treeOf(text)).toBe(expected);
  });
});

test('standard input can be read by one source only', async () => {
  await expect(planPipelines('ingest | batch 1s | emit; ingest - | batch 1s | emit x.csv')).rejects.toThrow(
    'standard input is read already, by another stage\n' +
      '    ingest | batch 1s | emit; ingest - | batch 1s | emit x.csv\n' +
      '                              ^^^^^^',
  );
});

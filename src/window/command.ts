import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { windowStage } from './stage.ts';

const windowOptions = {
  slide: {
    kind: 'duration',
    describe:
      'a window begins every so often: a multiple of the batch interval (default: SIZE, windows side by side)',
  },
} as const satisfies OptionTable;

export type WindowSettings = Settings<typeof windowOptions>;

export const windowCommand = defineStage({
  name: 'window',
  summary: 'say which window each record belongs to, and which windows are complete',
  role: 'filter',
  flow: 'batches → panes',
  argument: {
    name: 'SIZE',
    describe: 'length of a window, such as 30s: a multiple of the batch interval',
    takes: 'optional',
  },
  options: windowOptions,
  description: [
    'Windows on batch time: a window holds the batches of `[start, start + SIZE)`, and one begins at each multiple of **--slide** since the epoch. Both have to be multiples of the batch interval.',
    'Records are not copied into each window they belong to. They are marked with their *pane*, the largest interval that no window edge cuts, and the last part of a batch says which windows have closed with it; **sluice reduce** folds each pane once and puts panes together when a window closes.',
    'The first windows are partial, as they hold just the batches that exist. At the end of the input the windows that are open are closed and written. Where the slide is larger than the size, records between two windows belong to none and are counted as `outside`.',
  ],
  examples: [
    {
      line: '… | sluice batch 10s | sluice reduce --words | sluice window 30s --slide 10s | sluice reduce | …',
      explains: 'word counts of the last 30 seconds, every 10',
    },
  ],
  make: async (settings, operands) => windowStage(settings, operands),
});

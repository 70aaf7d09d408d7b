import { defineStage, type OptionTable, type Settings } from '../command/command.ts';

const batchOptions = {
  records: { kind: 'count', describe: 'close a batch after this many records' },
  bytes: { kind: 'size', describe: 'close a batch before its records would be more bytes than this' },
  once: { kind: 'flag', describe: 'one batch of all there is, when the input ends: for cron' },
  checkpoint: {
    kind: 'duration',
    default: '10s',
    describe: 'with state: how often stages put what they hold on disk; so much is read again after a crash',
  },
  'part-size': {
    kind: 'size',
    default: '1MiB',
    describe:
      'a batch leaves in parts of about this many bytes, so that memory does not depend on the size of a batch',
  },
} as const satisfies OptionTable;

export type BatchSettings = Settings<typeof batchOptions>;

export const batchCommand = defineStage({
  name: 'batch',
  summary: 'cut blocks into batches by time, count, bytes, or all there is',
  role: 'filter',
  flow: 'blocks → batches',
  argument: {
    name: 'INTERVAL',
    describe: 'batch interval, such as 10s or 1m; batches are aligned to the epoch',
    takes: 'optional',
  },
  options: batchOptions,
  description: [
    'Cuts the blocks of **sluice ingest** into batches. With an INTERVAL, a batch holds what arrived in `[from, to)`, where both are multiples of the interval since the epoch; batches without a record are written too, on time, so that windows move on while the input is idle.',
    'One of INTERVAL, **--records**, **--bytes** and **--once** has to be given. Batches by count, by bytes and of all there is have no interval, and so carry no `from` and `to`.',
    'When the input ends, the batch that is open is closed with what it has.',
  ],
  examples: [
    { line: 'tail -F app.log | sluice ingest | sluice batch 10s | …', explains: 'a batch every 10 seconds' },
    {
      line: "sluice ingest big.log | sluice batch --records 10000 | jq -c '{batch, part, n}'",
      explains: 'batches of 10,000 records',
    },
  ],
  make: async (settings, operands) => (await import('./stage.ts')).batchStage(settings, operands),
});

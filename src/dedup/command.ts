import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { eventTimeOptions } from '../time/options.ts';
import { dedupStage } from './stage.ts';

const dedupOptions = {
  by: {
    kind: 'field',
    many: true,
    placeholder: 'ID,…',
    describe: 'records with equal values of these fields are copies of one',
  },
  within: {
    kind: 'duration',
    describe: 'forget a record when it is this old: copies come at most so much later; needs --time',
  },
  ...eventTimeOptions,
  'max-keys': {
    kind: 'count',
    default: '10000000',
    describe: 'stop when more ids than this have to be remembered',
  },
  ...rejectOptions,
} as const satisfies OptionTable;

export type DedupSettings = Settings<typeof dedupOptions>;

export const dedupCommand = defineStage({
  name: 'dedup',
  summary: 'keep the first record of each id',
  role: 'filter',
  flow: 'records → records',
  options: dedupOptions,
  description: [
    'Keeps the first record of each id, **--by** one field or several, and leaves out those that come later; the report counts them as `duplicates`. Ids are equal where values and types are: 1 and "1" are two. A record without an id is an error (see **--on-error**).',
    'Without **--within** each id is remembered for ever: memory grows with their number, to **--max-keys**, where the stage stops. With it, an id is remembered until the *watermark*, the newest time less **--within**, passes the time of its first record by **--within**; the watermark moves when a batch is over, never back. So of copies that are at most **--within** apart one comes, whatever their order. A record before the watermark is late: it is counted as `late` and left out, since its id may have been forgotten. Times are read as **sluice window** reads them.',
  ],
  examples: [
    { line: '… | sluice dedup --by id | …', explains: 'each id once' },
    {
      line: '… | sluice batch 10s | sluice dedup --by shop,order --within 10m --time at | …',
      explains: 'a sender that repeats what it sent for up to 10 minutes',
    },
  ],
  make: (settings) => Promise.resolve(dedupStage(settings)),
});

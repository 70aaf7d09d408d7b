import { defineStage } from '../command/command.ts';
import { unionStage } from './stage.ts';

export const unionCommand = defineStage({
  name: 'union',
  summary: 'put several streams together, batch by batch',
  role: 'filter',
  flow: 'batches → batches',
  argument: {
    name: 'STREAM',
    describe: 'a file or a named pipe of envelopes, such as <(sluice ingest …); `-` is standard input',
    takes: 'many',
  },
  options: {},
  description: [
    'Puts the records of several streams into one. Standard input, where it is a pipe or a file, comes first, or where `-` stands among the others.',
    'Batch by batch: batches of one interval become one batch, and where batches have no interval, batches of one number. Within it the streams come in the order in which they are named. A batch that a stream does not have is made up of the others’, so the end of a shorter stream ends nothing, and batches are numbered on from the first. All streams are waited for, whichever is faster, so the same streams give the same bytes each time. Intervals that overlap without being the same are an error. A stream that fails makes the union fail.',
    'Blocks, which **sluice ingest** writes, belong to no batch: they are handed on as they come. Streams of rows that were reduced alike can be put together and merged by a bare **sluice reduce**. Windows come behind a union, not in front of it.',
  ],
  examples: [
    {
      line: 'sluice union north.env south.env | sluice reduce count --by shop | …',
      explains: 'two recordings as one stream',
    },
    {
      line: "sluice union <(ssh one 'tail -F log' | sluice ingest) <(ssh two 'tail -F log' | sluice ingest) | sluice batch 10s | …",
      explains: 'two live logs',
    },
  ],
  make: (_settings, operands) => unionStage(operands),
});

// ingest with a Kafka source.
import { SluiceError } from '../../errors.ts';
import { parseKafkaAddress } from '../../kafka/address.ts';
import { securityFrom } from '../../kafka/security.ts';
import { RejectPolicy } from '../../stage/rejects.ts';
import type { SourceStage } from '../../stage/stage.ts';
import { warn } from '../../stage/stderr.ts';
import type { IngestSettings } from '../command.ts';
import { formatFrom, shapeOfFormat } from '../formats/registry.ts';
import { cutWarnings } from '../stage.ts';
import { BlocksCore } from './blocks.ts';
import { MessageEncoder } from './encoder.ts';
import { RateLimit } from '../rate/limit.ts';
import type { KafkaReading, KafkaSource } from './read.ts';
import { parseStart } from './start.ts';

/** `state` is the folder of a job that keeps it. */
export function kafkaStage(settings: IngestSettings, text: string, state: string | undefined): SourceStage {
  if (settings.follow)
    throw new SluiceError(
      'usage',
      '--follow is for files',
      'a topic is read on and on anyway; --until latest ends it',
    );
  if (settings.multiline)
    throw new SluiceError('usage', '--multiline is for files', 'a message is one record, whatever is in it');
  const address = parseKafkaAddress(text);
  const security = securityFrom(settings, address);
  const endsAtLatest = settings.until !== undefined;
  const rejects = new RejectPolicy('ingest', settings);
  const { maxRecord, withMeta } = settings;
  const encoder = new MessageEncoder({
    format: formatFrom(settings, rejects, { readsOn: true }),
    withMeta,
    maxRecord,
  });
  const progress: { done: number; total?: number } = { done: 0 };
  const { group } = settings;
  if (group !== undefined && state === undefined)
    throw new SluiceError(
      'usage',
      '--group needs state, which tells how far the sinks are: only then may others go on',
      'give each machine a folder of its own: --state DIR',
    );
  const reading: KafkaReading = {
    address,
    security,
    encoder,
    start: parseStart(settings.start, group !== undefined, endsAtLatest),
    endsAtLatest,
    group,
    maxRate: settings.maxRatePerPartition,
    limit: settings.maxRate === undefined ? undefined : new RateLimit(settings.maxRate),
    patience: settings.patience,
    warn: (message) => warn('ingest', message),
    isFinal: settings.final,
    onProgress(done, left) {
      progress.done = done;
      if (endsAtLatest) progress.total = done + left;
    },
  };
  let source: KafkaSource | undefined;
  const stage: SourceStage = {
    name: 'ingest',
    role: 'source',
    core: new BlocksCore(encoder, rejects, () => progress, state === undefined ? Date.now() : undefined),
    async *read(stop) {
      const [{ KafkaSource }, { beginJob }] = await Promise.all([
        import('./read.ts'),
        import('../../state/begin-job.ts'),
      ]);
      const shape = `${shapeOfFormat(settings)} --max-record ${maxRecord}${withMeta ? ' --with-meta' : ''}`;
      const job = state === undefined ? undefined : await beginJob(state, shape, reading.warn);
      source = await KafkaSource.connect({ ...reading, ...(job && { job }) }, stop);
      return yield* source.read(stop);
    },
    finish: async () => source?.close(),
    closing: () => rejects.closing(cutWarnings(encoder.cut, maxRecord)),
  };
  return state === undefined ? stage : { ...stage, state };
}

// ingest with a Kafka source.
import { SluiceError } from '../../errors.ts';
import { parseKafkaAddress } from '../../kafka/address.ts';
import { securityFrom } from '../../kafka/security.ts';
import { RejectPolicy } from '../../stage/rejects.ts';
import type { SourceStage } from '../../stage/stage.ts';
import { warn } from '../../stage/stderr.ts';
import type { IngestSettings } from '../command.ts';
import { formats } from '../formats/registry.ts';
import { cutWarnings } from '../stage.ts';
import { BlocksCore } from './blocks.ts';
import { MessageEncoder } from './encoder.ts';
import type { KafkaReading } from './read.ts';
import { parseStart } from './start.ts';

/** `state` is the folder of a job that keeps it. */
export function kafkaStage(settings: IngestSettings, text: string, state: string | undefined): SourceStage {
  if (settings.follow)
    throw new SluiceError(
      'usage',
      '--follow is for files',
      'a topic is read on and on anyway; --until latest ends it',
    );
  const address = parseKafkaAddress(text);
  const security = securityFrom(settings, address);
  const endsAtLatest = settings.until !== undefined;
  const rejects = new RejectPolicy('ingest', settings);
  const { maxRecord, withMeta, format } = settings;
  const encoder = new MessageEncoder({ format: formats[format].create(rejects), withMeta, maxRecord });
  const progress: { done: number; total?: number } = { done: 0 };
  const reading: KafkaReading = {
    address,
    security,
    encoder,
    start: parseStart(settings.start, false, endsAtLatest),
    endsAtLatest,
    maxRate: settings.maxRatePerPartition,
    patience: settings.patience,
    warn: (message) => warn('ingest', message),
    isFinal: settings.final,
    onProgress(done, left) {
      progress.done = done;
      if (endsAtLatest) progress.total = done + left;
    },
  };
  const stage: SourceStage = {
    name: 'ingest',
    role: 'source',
    core: new BlocksCore(encoder, rejects, () => progress, Date.now()),
    async *read(stop) {
      const { readKafka } = await import('./read.ts');
      if (state === undefined) return yield* readKafka(reading, stop);
      const { beginJob } = await import('../../state/begin-job.ts');
      const shape = `--format ${format} --max-record ${maxRecord}${withMeta ? ' --with-meta' : ''}`;
      const job = await beginJob(state, shape, reading.warn);
      return yield* readKafka({ ...reading, job }, stop);
    },
    closing() {
      const { warnings, isAboveLimit } = rejects.closing();
      return { warnings: [...cutWarnings(encoder.cut, maxRecord), ...warnings], isAboveLimit };
    },
  };
  return state === undefined ? stage : { ...stage, state };
}

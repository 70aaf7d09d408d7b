// ingest with a source that is sent to or connected to.
import { join } from 'node:path';
import { endEnvelope, type Envelope } from '../../envelope/envelope.ts';
import { SluiceError } from '../../errors.ts';
import { RejectPolicy } from '../../stage/rejects.ts';
import { stoppedEarly, type InputChunk, type SourceChunk, type SourceStage } from '../../stage/stage.ts';
import { isTerminal, warn } from '../../stage/stderr.ts';
import { tlsFrom } from '../../tls.ts';
import type { IngestSettings } from '../command.ts';
import { formatFrom, shapeOfFormat } from '../formats/registry.ts';
import { IngestCore } from '../ingest.ts';
import { RateLimit } from '../rate/limit.ts';
import { readLimited } from '../rate/limited.ts';
import { cutWarnings } from '../stage.ts';
import { Complaints } from './complaints.ts';
import { Inbox, KnownIds } from './inbox.ts';
import { messagesIn } from './messages.ts';
import type { ReceiverKind, Service, ServiceSettings } from './service.ts';

const usualConnections = 1000;

/** `state` is the folder of a job that keeps it. */
export async function receiverStage(
  settings: IngestSettings,
  operand: string,
  kind: ReceiverKind,
  state: string | undefined,
): Promise<SourceStage> {
  const { maxRecord, withMeta, dedupHeader } = settings;
  if (settings.follow)
    throw new SluiceError('usage', '--follow is for files', `${operand} is read on and on anyway`);
  const rejects = new RejectPolicy('ingest', settings);
  const plain = formatFrom(settings, rejects, { readsOn: true });
  const hasMessages = kind.hasMessages(settings.format);
  const known = dedupHeader === undefined ? undefined : new KnownIds();
  const inbox = new Inbox(known);
  const tell = (message: string): void => warn('ingest', message);
  const complaints = new Complaints(operand, tell);
  const serviceSettings: ServiceSettings = {
    operand,
    inbox,
    complaints,
    tls: tlsFrom(settings),
    maxRecord,
    format: settings.format,
    exitOnEof: settings.exitOnEof,
    patience: settings.patience,
    maxConnections: settings.maxConnections ?? usualConnections,
    idleTimeout: settings.idleTimeout,
    withHeaders: withMeta || dedupHeader !== undefined,
    dedupHeader,
    warn: tell,
    ...(isTerminal() && { tell }),
  };
  let service: Service | undefined;
  const core = new IngestCore({
    format: hasMessages ? messagesIn(plain, withMeta) : plain,
    rejects,
    sources: [inbox],
    // What comes in is cut already; a message may have more in its line than its own bytes.
    maxRecord: hasMessages ? Number.MAX_SAFE_INTEGER : maxRecord,
    startedAt: state === undefined ? Date.now() : undefined,
    joining: settings.multiline ? await joiningFor(settings, operand, kind, state) : undefined,
  });
  const source = { name: operand };

  /** What comes in, until `stop`. */
  async function* received(stop: AbortSignal): AsyncGenerator<Buffer> {
    service = await kind.open(serviceSettings);
    const { stop: end } = service;
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
    yield* inbox.read();
  }

  async function* readOnce(stop: AbortSignal): AsyncGenerator<InputChunk, Envelope> {
    const isAwaited = kind.answers === true;
    for await (const bytes of received(stop)) yield { source, bytes, ...(isAwaited && { isAwaited }) };
    yield { source };
    return endEnvelope('ok');
  }

  async function* readInJob(stop: AbortSignal, folderPath: string): AsyncGenerator<SourceChunk, Envelope> {
    const [{ beginJob }, { readAgain }, { keepWholeLines, loggedId, readLogged }] = await Promise.all([
      import('../../state/begin-job.ts'),
      import('../read-again.ts'),
      import('../logged.ts'),
    ]);
    const shape = `${shapeOfFormat(settings)} --max-record ${maxRecord}${withMeta ? ' --with-meta' : ''}`;
    const { positions, again, folder, opening } = await beginJob(folderPath, shape, tell);
    const id = loggedId(source);
    // What was answered is whole.
    if (kind.answers) keepWholeLines(join(folder.wal, id));
    if (known && dedupHeader !== undefined) {
      const { learnIds } = await import('./known-ids.ts');
      await learnIds(known, join(folder.wal, id), dedupHeader);
    }
    yield { opening: opening(positions) };
    const stand = yield* readAgain(again, positions, folder.wal);
    const logged = {
      name: operand,
      read: () => received(stop),
      ...(kind.answers && { onKept: () => inbox.markSafe() }),
    };
    yield* readLogged(logged, folder.wal, stand[id] ?? { offset: 0 });
    const isEnd = settings.final && !stop.aborted;
    return isEnd ? endEnvelope('ok') : endEnvelope('paused', stop.aborted ? stoppedEarly : undefined);
  }

  const read = (stop: AbortSignal): AsyncGenerator<SourceChunk, Envelope> =>
    state === undefined ? readOnce(stop) : readInJob(stop, state);
  const limiting = settings.maxRate !== undefined && {
    limit: new RateLimit(settings.maxRate),
    records: () => core.records,
  };
  // What is in the log comes again in the next run; without state, nobody has it any more but us.
  const mayDrop = (stop: AbortSignal): AbortSignal =>
    state === undefined ? new AbortController().signal : stop;
  const stage: SourceStage = {
    name: 'ingest',
    role: 'source',
    core,
    read: (stop) => (limiting ? readLimited(read(stop), mayDrop(stop), limiting) : read(stop)),
    finish() {
      inbox.giveUp();
      return Promise.resolve(service?.close());
    },
    closing() {
      const cut = service?.cut() ?? 0;
      const own = service?.closing?.() ?? [];
      const left = known && known.left > 0 ? [{ message: `${known.left} events came twice` }] : [];
      return rejects.closing([...cutWarnings(cut, maxRecord, core.divided), ...own, ...left]);
    },
  };
  return state === undefined ? stage : { ...stage, state };
}

async function joiningFor(
  settings: IngestSettings,
  operand: string,
  kind: ReceiverKind,
  state: string | undefined,
): ReturnType<typeof import('../stage.ts').stackTraces> {
  if (!kind.isOneStream)
    throw new SluiceError(
      'usage',
      '--multiline is for lines of one writer',
      `${operand} has those of all clients between each other`,
    );
  const { stackTraces } = await import('../stage.ts');
  return stackTraces(settings, state);
}

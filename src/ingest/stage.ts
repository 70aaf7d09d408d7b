import type { Envelope } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import { kafkaScheme, parseKafkaAddress } from '../kafka/address.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import type { Closing, SourceChunk, SourceStage, WholeFiles } from '../stage/stage.ts';
import { isTerminal, warn } from '../stage/stderr.ts';
import type { IngestSettings } from './command.ts';
import { checkMultiline, formatFrom, shapeOfFormat } from './formats/registry.ts';
import { refuseOthers } from './heeded.ts';
import { IngestCore } from './ingest.ts';
import type { ReadingOn } from './read-on.ts';
import type { Joining } from './joining.ts';
import { RateLimit } from './rate/limit.ts';
import { readLimited } from './rate/limited.ts';
import { readSources } from './read-sources.ts';
import { receiverOf } from './receivers/registry.ts';
import { openSources, operandsOf } from './sources/registry.ts';
import type { Source } from './sources/source.ts';

export async function ingestStage(settings: IngestSettings, texts: string[]): Promise<SourceStage> {
  // An empty one is none: `SLUICE_STATE= sluice …` is a run without.
  const state = (settings.state ?? process.env['SLUICE_STATE']) || undefined;
  refuseOthers(settings, texts);
  const kafka = texts.find((text) => text.startsWith(kafkaScheme));
  if (kafka !== undefined) {
    checkAlone(texts, kafka);
    const { kafkaStage } = await import('./kafka/stage.ts');
    return kafkaStage(settings, kafka, state);
  }
  const received = texts.find((text) => receiverOf(text));
  const receiver = received === undefined ? undefined : receiverOf(received);
  if (received !== undefined && receiver) {
    if (texts.length > 1) throw byItself(received);
    const { receiverStage } = await import('./receivers/stage.ts');
    return receiverStage(settings, received, receiver, state);
  }
  const isReadOn = state !== undefined || settings.follow;
  const operands = operandsOf(texts);
  const followed = { name: 'files', position: 0 };
  const sources = isReadOn ? [] : await openSources(operands);
  const rejects = new RejectPolicy('ingest', settings);
  // For people who look on.
  const telling = isTerminal() && { tell: (message: string) => warn('ingest', message) };
  const isOnlySource = !isReadOn && sources.length === 1;
  const format = formatFrom(settings, rejects, { readsOn: state !== undefined, isOnlySource, ...telling });
  const joining = settings.multiline ? await stackTraces(settings, state) : undefined;
  const startedAt = state === undefined ? Date.now() : undefined;
  const core = new IngestCore({
    format,
    rejects,
    sources: isReadOn ? [followed] : sources,
    maxRecord: settings.maxRecord,
    startedAt,
    joining,
  });
  const reading: ReadingOn = {
    operands,
    isFollowing: settings.follow,
    isFinal: settings.final,
    warn: (message) => warn('ingest', message),
    ...telling,
    onProgress: (bytes) => (followed.position = bytes),
  };
  const limiting = settings.maxRate !== undefined && {
    limit: new RateLimit(settings.maxRate),
    records: () => core.records,
  };
  const limited = (read: SourceStage['read']): SourceStage['read'] =>
    limiting ? (stop) => readLimited(read(stop), stop, limiting) : read;
  const stage: SourceStage = {
    name: 'ingest',
    role: 'source',
    core,
    read: limited((stop) => readSources(sources, stop)),
    closing: () =>
      rejects.closing([
        ...cutWarnings(core.cut, settings.maxRecord, core.divided),
        ...(format.warnings?.() ?? []),
      ]),
  };
  if (state !== undefined)
    return { ...stage, state, read: limited((stop) => readInJob(reading, stop, state, settings)) };
  if (settings.follow) return { ...stage, read: limited((stop) => readFollowed(reading, stop)) };
  // Threads that read pieces of files know of no pace.
  if (limiting) return stage;
  return { ...stage, wholeFiles: () => wholeFiles(sources, settings, rejects) };
}

export async function stackTraces({ format }: IngestSettings, state: string | undefined): Promise<Joining> {
  checkMultiline(format);
  // What is one record depends on how long nothing came behind it, so that it cannot be made again.
  if (state !== undefined)
    throw new SluiceError('usage', '--multiline cannot be had with state', 'leave one of them out');
  const { StackTraces } = await import('./multiline.ts');
  return new StackTraces();
}

function checkAlone(texts: readonly string[], kafka: string): void {
  // First of all, so that no message repeats what is wrong in it, such as a password.
  parseKafkaAddress(kafka);
  if (texts.length > 1) throw byItself(kafka, 'several topics of one cluster are kafka://HOST/ONE,OTHER; ');
}

function byItself(source: string, more = ''): SluiceError {
  return new SluiceError(
    'usage',
    `${source} is read by itself`,
    `${more}streams of several sources are put together by \`sluice union\``,
  );
}

async function* readFollowed(reading: ReadingOn, stop: AbortSignal): AsyncGenerator<SourceChunk, Envelope> {
  // Loaded on need: most sources are read from start to end.
  const { readOn } = await import('./read-on.ts');
  return yield* readOn(reading, stop);
}

/** Reads on where an earlier run left off, and says in front of all which job the stream is of. */
async function* readInJob(
  reading: ReadingOn,
  stop: AbortSignal,
  state: string,
  settings: IngestSettings,
): AsyncGenerator<SourceChunk, Envelope> {
  const [{ beginJob }, { readOn }] = await Promise.all([
    import('../state/begin-job.ts'),
    import('./read-on.ts'),
  ]);
  const shape = `${shapeOfFormat(settings)} --max-record ${settings.maxRecord}`;
  const { positions, again, folder, opening } = await beginJob(state, shape, reading.warn);
  yield { opening: opening(positions) };
  return yield* readOn({ ...reading, job: { positions, again, wal: folder.wal } }, stop);
}

export function cutWarnings(cut: number, maxRecord: number, divided = 0): Closing['warnings'] {
  const lines = `${cut} ${cut === 1 ? 'line was' : 'lines were'} cut off at ${maxRecord} bytes`;
  const records = `${divided} ${divided === 1 ? 'record' : 'records'} of several lines took more than ${maxRecord} bytes and came in pieces`;
  return [
    ...(cut > 0 ? [{ message: lines, hint: 'a larger --max-record keeps more of them' }] : []),
    ...(divided > 0 ? [{ message: records, hint: 'a larger --max-record keeps them in one' }] : []),
  ];
}

async function wholeFiles(
  sources: readonly Source[],
  { maxRecord, multiline, format, fields, types, header }: IngestSettings,
  rejects: RejectPolicy,
): Promise<WholeFiles | undefined> {
  if (multiline) return undefined;
  const files = [];
  for (const source of sources) {
    if (source.size === undefined || !(await source.isPlainFile?.())) return undefined;
    files.push({ path: source.name, size: source.size });
  }
  const { skipped } = rejects;
  return {
    files,
    maxRecord,
    format: { format, fields, types, header },
    skipped,
  };
}

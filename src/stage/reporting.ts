// Adds a stage's report to what its core puts out. Metrics travel in band: each stage hands on the reports of the
// stages before it and adds its own, so that the last one can show the whole pipeline.
import {
  formatVersion,
  isHeartbeat,
  noRecords,
  type Envelope,
  type Header,
  type Job,
  type StageReport,
} from '../envelope/envelope.ts';
import { monotonicTime } from '../clock.ts';
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { Core, Step } from './core.ts';

/** An empty block this often carries progress, also of a batch that takes longer, and finds out that nobody reads any more. */
export const heartbeatMilliseconds = 1000;

/** Gauges tell where an input stands, and how even partitions are; every other number in a report counts up. */
const gauges = new Set(['done', 'total', 'terminal', 'imbalance', 'unsalted']);
/** The largest of all. */
const peaks = new Set(['slowestTask']);
/** What every stage has, and what is no count of records that went astray. */
const usual = new Set(['stage', 'in', 'out', 'bytes', 'ms', 'tasks', 'taskMs', ...gauges, ...peaks]);

/** Counters beyond what every stage has: late, rejected and so on. */
export function countersOf(report: StageReport): [string, number][] {
  return Object.entries(report).flatMap(([name, value]): [string, number][] =>
    usual.has(name) || typeof value !== 'number' ? [] : [[name, value]],
  );
}

export function withReport<Input>(core: Core<Input>, stage: string): Core<Input> {
  let upstream: StageReport[] = [];
  let own = emptyReport(stage);
  let lastWritten = Number.NEGATIVE_INFINITY;
  /** What upstream said last; a core need not know of it. */
  let watermark: number | undefined;
  /** Since the first input or the last report; undefined before. */
  let reportedAt: number | undefined;

  function receive(header: Header | undefined): void {
    if (!header) return;
    own.in += header.n;
    if (header.stages) upstream = addReports(upstream, header.stages);
    watermark = header.watermark ?? watermark;
  }

  function* measured(steps: Iterable<Step>, now: number): Generator<Step> {
    const iterator = steps[Symbol.iterator]();
    for (;;) {
      const started = monotonicTime();
      const { value, done } = attributed(() => iterator.next());
      own.ms += monotonicTime() - started;
      if (done) return;
      yield value instanceof Promise ? value.catch(rethrow) : send(value, now);
    }
  }

  /** Says of an error which stage it happened in. */
  function attributed<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      return rethrow(error);
    }
  }

  function rethrow(error: unknown): never {
    if (error instanceof SluiceError) error.stage ??= stage;
    throw error;
  }

  function send(envelope: Envelope, now: number): Envelope {
    lastWritten = now;
    const { payload } = envelope;
    const { stages: _, ...header } = envelope.header;
    own.out += header.n;
    own.bytes += payload.length;
    const isBlock = header.batch === undefined && header.end === undefined;
    if (!header.last && !isBlock) return { ...envelope, header };
    reportedAt = now;
    const report = { ...own, ms: Math.round(own.ms * 1000) / 1000, ...core.counters?.() };
    const stages = [...upstream, report];
    upstream = upstream.map(startedAnew);
    own = emptyReport(stage);
    const time = header.last && watermark !== undefined ? { watermark } : {};
    return { ...envelope, header: { ...time, ...header, stages } };
  }

  return {
    *accept(input, now) {
      const header = headerOf(input);
      receive(header);
      reportedAt ??= now;
      if (!header || !isHeartbeat(header)) {
        yield* measured(core.accept(input, now), now);
        // Of a batch that goes on for long nobody would hear before its end.
        if (now - reportedAt >= heartbeatMilliseconds) yield send(emptyBlock, now);
        return;
      }
      yield* measured(core.heartbeat?.(now) ?? [], now);
      // Where something was written a moment ago, nobody needs to be found gone.
      if (now - Math.min(lastWritten, reportedAt) >= heartbeatMilliseconds)
        yield send({ header, payload: noRecords }, now);
    },
    *end(ending, now) {
      receive(ending.header);
      yield* measured(core.end(ending, now), now);
    },
    ...(core.deadline && { deadline: () => core.deadline?.() }),
    ...(core.tick && { tick: (now: number) => measured(core.tick?.(now) ?? [], now) }),
    ...(core.takesEveryEnd && { takesEveryEnd: true }),
    ...(core.attach && { attach: (job: Job) => core.attach?.(job) }),
    ...(core.snapshot && { snapshot: () => core.snapshot?.() ?? null }),
    ...(core.restore && { restore: (snapshot: Json) => core.restore?.(snapshot) }),
  };
}

const emptyBlock: Envelope = { header: { v: formatVersion, n: 0 }, payload: noRecords };

type OwnReport = { stage: string; in: number; out: number; bytes: number; ms: number };

export function emptyReport(stage: string): OwnReport {
  return { stage, in: 0, out: 0, bytes: 0, ms: 0 };
}

/** The same stage with nothing counted: reports are added by position, so that none may go missing. */
function startedAnew(report: StageReport): StageReport {
  const { stage, done, total } = report;
  const counts = { in: 0, out: 0, bytes: 0, ms: 0 };
  return { stage, ...counts, ...(done !== undefined && { done }), ...(total !== undefined && { total }) };
}

/** Reports of the same stages added up by position; a pipeline may have one kind of stage twice. */
export function addReports(reports: readonly StageReport[], more: readonly StageReport[]): StageReport[] {
  return Array.from({ length: Math.max(reports.length, more.length) }, (_, index) => {
    const [report, other] = [reports[index], more[index]];
    if (!report || !other) return (report ?? other) as StageReport;
    const sum: Record<string, number | string | undefined> = { ...report };
    for (const [name, value] of Object.entries(other)) {
      const before = sum[name];
      sum[name] =
        typeof value === 'number' && typeof before === 'number' ? combined(name, before, value) : value;
    }
    return sum as StageReport;
  });
}

function combined(name: string, before: number, value: number): number {
  if (gauges.has(name)) return value;
  return peaks.has(name) ? Math.max(before, value) : before + value;
}

export function headerOf(input: unknown): Header | undefined {
  return typeof input === 'object' && input !== null && 'header' in input
    ? (input.header as Header)
    : undefined;
}

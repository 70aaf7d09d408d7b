// Adds a stage's report to what its core puts out. Metrics travel in band: each stage hands on the reports of the
// stages before it and adds its own, so that the last one can show the whole pipeline.
import {
  isHeartbeat,
  noRecords,
  type Envelope,
  type Header,
  type Job,
  type StageReport,
} from '../envelope/envelope.ts';
import type { Json } from '../envelope/json.ts';
import { SluiceError } from '../errors.ts';
import type { Core, Step } from './core.ts';

/** An empty block this often carries progress, and finds out that nobody reads any more. */
export const heartbeatMilliseconds = 1000;

/** Gauges tell where an input stands, and how even partitions are; every other number in a report counts up. */
const gauges = new Set(['done', 'total', 'imbalance', 'unsalted']);

export function withReport<Input>(core: Core<Input>, stage: string): Core<Input> {
  let upstream: StageReport[] = [];
  let own = emptyReport(stage);
  let lastWritten = Number.NEGATIVE_INFINITY;

  function receive(header: Header | undefined): void {
    if (!header) return;
    own.in += header.n;
    if (header.stages) upstream = addReports(upstream, header.stages);
  }

  function* measured(steps: Iterable<Step>, now: number): Generator<Step> {
    const iterator = steps[Symbol.iterator]();
    for (;;) {
      const started = performance.now();
      const { value, done } = attributed(() => iterator.next());
      own.ms += performance.now() - started;
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
    const report = { ...own, ms: Math.round(own.ms * 1000) / 1000, ...core.counters?.() };
    const stages = [...upstream, report];
    upstream = upstream.map(startedAnew);
    own = emptyReport(stage);
    return { ...envelope, header: { ...header, stages } };
  }

  return {
    *accept(input, now) {
      const header = headerOf(input);
      receive(header);
      if (!header || !isHeartbeat(header)) return yield* measured(core.accept(input, now), now);
      yield* measured(core.heartbeat?.(now) ?? [], now);
      // Where something was written a moment ago, nobody needs to be found gone.
      if (now - lastWritten >= heartbeatMilliseconds) yield send({ header, payload: noRecords }, now);
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

type OwnReport = { stage: string; in: number; out: number; bytes: number; ms: number };

function emptyReport(stage: string): OwnReport {
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
        typeof value === 'number' && typeof before === 'number' && !gauges.has(name) ? before + value : value;
    }
    return sum as StageReport;
  });
}

export function headerOf(input: unknown): Header | undefined {
  return typeof input === 'object' && input !== null && 'header' in input
    ? (input.header as Header)
    : undefined;
}

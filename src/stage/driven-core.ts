// A core whose stream is of a job that keeps state: it begins with what it held where the run begins, and what it holds is on
// the disk before a checkpoint is handed on. Streams of other jobs pass through.
import { isEnd, type Envelope, type Header, type Job, type Offsets } from '../envelope/envelope.ts';
import { SluiceError } from '../errors.ts';
import type { StageState } from '../state/stage-state.ts';
import type { Core, Step } from './core.ts';
import { headerOf, withReport } from './reporting.ts';

type Driven<Input> = { readonly name: string; readonly shape?: string; readonly core: Core<Input> };

/** The core of a stage as it runs: with its reports, and, in a job that keeps state, with what it holds. */
export function drivenCore<Input>(stage: Driven<Input>): Core<Input> {
  return withState(withReport(stage.core, stage.name), stage);
}

/** The core of a stage that has no report of its own, as a sink has none. */
export function withState<Input>(
  core: Core<Input>,
  { name, shape = '' }: Omit<Driven<Input>, 'core'>,
): Core<Input> {
  let state: StageState | undefined;
  /** What upstream said of the batch that is open, to be said of what comes of it. */
  let pending: { checkpoint?: number; offsets?: Offsets } = {};

  function* begin({ header, payload }: Envelope, job: Job): Generator<Step> {
    const key = `${job.branch ?? ''}${job.stages.length}-${name}`;
    yield takeState(job, { key, shape }, name).then(async (taken) => {
      state = taken;
      await core.attach?.(job);
      if (job.after !== undefined) core.restore?.(taken.begin ?? missing(key, job));
    });
    const stages = [...job.stages, { key, shape }];
    yield { header: { ...header, job: { ...job, stages } }, payload };
  }

  /** What the core holds is as the batch left it only once all of its output has been asked for. */
  function* heldBack(steps: Iterable<Step>): Generator<Step> {
    let last: Envelope | undefined;
    for (const step of steps) {
      if (last) yield last;
      last = undefined;
      if (!(step instanceof Promise) && (step.header.last || isEnd(step))) last = step;
      else yield step;
    }
    if (last) yield saved(last);
  }

  function saved({ header, payload }: Envelope): Envelope {
    const { checkpoint } = pending;
    if (checkpoint !== undefined && core.snapshot) state?.save(checkpoint, core.snapshot());
    const envelope = { header: { ...pending, ...header }, payload };
    pending = {};
    return envelope;
  }

  function note({ batch, end, checkpoint, offsets }: Header): void {
    // Of blocks, `batch` itself tells what comes.
    if ((batch ?? end) === undefined) return;
    if (checkpoint !== undefined) pending.checkpoint = checkpoint;
    if (offsets) pending.offsets = { ...pending.offsets, ...offsets };
  }

  return {
    *accept(input, now) {
      const header = headerOf(input);
      if (header?.job && !isEnd(input as Envelope)) return yield* begin(input as Envelope, header.job);
      if (!state || !header) return yield* core.accept(input, now);
      note(header);
      yield* heldBack(core.accept(input, now));
    },
    *end(ending, now) {
      if (!state) return yield* core.end(ending, now);
      pending = {};
      note(ending.header);
      const isAsked = ending.header.end === 'ok' || core.takesEveryEnd;
      yield* heldBack(isAsked ? core.end(ending, now) : [ending]);
    },
    ...(core.deadline && { deadline: () => core.deadline?.() }),
    ...(core.tick && { tick: (now: number) => core.tick?.(now) ?? [] }),
  };
}

function missing(key: string, { after, state }: Job): never {
  throw new SluiceError(
    'inputOutput',
    `${state} has nothing of what stage ${key} held after batch ${after}`,
    'put the folder back from a backup, or begin anew with `sluice state reset`',
  );
}

/** Loaded by jobs that keep state only. */
async function takeState(job: Job, identity: StageState['identity'], stage: string): Promise<StageState> {
  try {
    const { takeStageState } = await import('../state/stage-state.ts');
    return await takeStageState(job, identity);
  } catch (error) {
    if (error instanceof SluiceError) error.stage ??= stage;
    throw error;
  }
}

// Stages in one process: cores fed one into the other, up to a stage that reads several streams. That one takes the cores
// before it as its upstream, and a new chain begins.
import type { Envelope } from '../envelope/envelope.ts';
import { chain, type Core } from '../stage/core.ts';
import { withReport } from '../stage/reporting.ts';
import { throughCore } from '../stage/run-core.ts';
import { attributed } from '../stage/run-job.ts';
import type { MergeStage, Stage } from '../stage/stage.ts';

/** What is read, and what the stages so far make of it. */
export type Segment<Input> = {
  readonly read: (stop: AbortSignal) => AsyncIterator<Input, Envelope>;
  readonly core: Core<Input>;
};

/** `onFailure` is told why a segment failed that a later one reads from: there, it is a stream that ends as failed. */
export function chainAll<Input>(
  start: Segment<Input>,
  stages: readonly Stage[],
  onFailure: (failure: unknown) => void,
): Segment<unknown> {
  return stages.reduce<Segment<unknown>>((segment, stage) => {
    if (stage.role === 'merge') return behind(segment, stage, onFailure);
    if (stage.role !== 'filter') return segment;
    return { read: segment.read, core: chain(segment.core, withReport(stage.core, stage.name)) };
  }, start);
}

function behind(
  { read, core }: Segment<unknown>,
  stage: MergeStage,
  onFailure: (failure: unknown) => void,
): Segment<unknown> {
  return {
    read: (stop) =>
      attributed(stage.merge(throughCore(read(stop), core, Date.now, onFailure), true), stage.name),
    core: withReport(stage.core, stage.name),
  };
}

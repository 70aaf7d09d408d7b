// The trunk of a tree: cores fed one into the other, up to a stage that reads several streams. That one takes what comes
// before it as its upstream, and a new chain begins.
import type { Envelope } from '../envelope/envelope.ts';
import { chain, type Core } from '../stage/core.ts';
import { drivenCore } from '../stage/driven-core.ts';
import { throughCore } from '../stage/run-core.ts';
import { attributed } from '../stage/run-job.ts';
import type { MergeStage } from '../stage/stage.ts';
import { reportedCore } from './fuse.ts';
import { hasMerge, type MadeNode } from './make.ts';

/** What is read, and what the stages so far make of it. */
type Segment = {
  readonly read: (stop: AbortSignal) => AsyncIterator<unknown, Envelope>;
  readonly core: Core<unknown>;
};

/** A segment, and the last node whose work is in it. */
export type Trunk = Segment & { readonly node: MadeNode };

/**
 * From `root`, whose work `start` is, on to the last stage that reads several streams; there is no branch before it.
 * `onFailure` is told why a segment failed that a later one reads from: there, it is a stream that ends as failed.
 */
export function trunkOf(root: MadeNode, start: Segment, onFailure: (failure: unknown) => void): Trunk {
  let segment = start;
  let node = root;
  while (hasMerge(node.next)) {
    node = node.next[0] as MadeNode;
    segment =
      node.stage.role === 'merge'
        ? behind(segment, root.stage.name, node.stage, onFailure)
        : { read: segment.read, core: chain(segment.core, reportedCore(node)) };
  }
  return { ...segment, node };
}

/** Who runs the last segment says whose its failures are; what an earlier one reads is, where nobody said yet, `reader`'s. */
function behind(
  { read, core }: Segment,
  reader: string,
  stage: MergeStage,
  onFailure: (failure: unknown) => void,
): Segment {
  return {
    read: (stop) => {
      const upstream = throughCore(attributed(read(stop), reader), core, Date.now, onFailure);
      return attributed(stage.merge(upstream, true), stage.name);
    },
    core: drivenCore(stage),
  };
}

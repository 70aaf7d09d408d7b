// Reading as a member of a group: which partitions are ours, and how far the group has read them. What counts is what the
// sinks have for good, which the state folder tells; so partitions change hands only once everything of them is there.
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicTime } from '../../clock.ts';
import type { Position } from '../../envelope/envelope.ts';
import { SluiceError } from '../../errors.ts';
import type { KafkaCluster } from '../../kafka/cluster.ts';
import { batchOfMark, commitMark, committedBy, type GroupPosition } from '../../kafka/groups.ts';
import { GroupMember, rebalanceTimeout } from '../../kafka/member.ts';
import { keyOf, partitionOf, type Partition } from '../../kafka/partition.ts';
import type { BegunJob } from '../../state/begin-job.ts';
import { readUndamaged, writeChecked } from '../../state/checked.ts';
import { newestCommit, type Commit } from '../../state/commits.ts';
import { readJob } from '../../state/identity.ts';
import { holderOf, ingestKey } from '../../state/lock.ts';
import {
  giveUpBatches,
  positionsAt,
  readBetween,
  readOffsets,
  type LoggedBatch,
} from '../../state/offsets-log.ts';

/** How often the group is told how far the sinks are, in milliseconds. */
const reportEvery = 1000;
/** How often it is looked whether they have everything. */
const lookEvery = 30;
/** How long the end of a run waits for them. */
const finishTimeout = 60_000;

/** Offsets by partition. */
export type Offsets = ReadonlyMap<string, number>;

export class GroupReading {
  readonly #cluster: KafkaCluster;
  readonly #member: GroupMember;
  readonly #job: BegunJob;
  #reportAt = 0;
  /** The newest batch that was told of. */
  #reported: number;

  constructor(cluster: KafkaCluster, group: string, job: BegunJob) {
    this.#cluster = cluster;
    this.#job = job;
    this.#member = new GroupMember(cluster, group, this.#knownMember(group));
    this.#reported = this.#commit?.batch ?? -1;
  }

  get name(): string {
    return this.#member.group;
  }

  get isRebalancing(): boolean {
    return this.#member.isRebalancing;
  }

  get #commit(): Commit | undefined {
    return newestCommit(this.#job.folder.commits, () => undefined);
  }

  /** Undefined before the first commit. */
  get #id(): string | undefined {
    return readJob(this.#job.folder)?.id;
  }

  async join(all: readonly Partition[], owned: readonly string[]): Promise<Partition[]> {
    const share = await this.#member.join(all, owned);
    writeChecked(this.#job.folder.member, `${JSON.stringify({ group: this.name, id: this.#member.id })}\n`);
    return share;
  }

  /** As whom an earlier run took part, which has died maybe: it need not be missed first. */
  #knownMember(group: string): string {
    const known = readUndamaged(this.#job.folder.member) as { group: string; id: string } | undefined;
    return known?.group === group ? known.id : '';
  }

  notice(all: readonly Partition[]): void {
    this.#member.notice(all);
  }

  /**
   * What an earlier run had begun may be others' by now: a partition that is not ours any more, or that others have read in
   * between. Batches with something of it are given up, unless the sinks have them; the rest of what they held is read anew.
   * Returns the batches to be made again; `positions` is where reading goes on behind them.
   */
  async reconcile(
    mine: readonly Partition[],
    positions: Record<string, Position>,
  ): Promise<readonly LoggedBatch[]> {
    const { folder, again, after } = this.#job;
    const id = this.#id ?? '';
    const committed = new Map<string, GroupPosition>();
    for (const position of await committedBy(this.#cluster, this.name, mine))
      if (position) committed.set(keyOf(position), position);
    let done = this.#commit?.batch ?? -1;
    const isOurs = (key: string): boolean => {
      const position = committed.get(key);
      return position ? batchOfMark(position.metadata, id) !== undefined : keys.has(key);
    };
    const keys = new Set(mine.map(keyOf));
    // A transaction may have come through that the folder does not tell of yet.
    for (const { metadata } of committed.values()) done = Math.max(done, batchOfMark(metadata, id) ?? -1);
    const lost = again.find(
      ({ batch, offsets }) => batch > done && Object.keys(offsets).some((key) => !isOurs(key)),
    );
    for (const [key, { offset }] of committed) if (!isOurs(key)) positions[key] = { offset };
    for (const key of Object.keys(positions)) if (!keys.has(key)) delete positions[key];
    if (!lost) return again;
    for (const { batch, offsets } of again)
      if (batch >= lost.batch)
        for (const [key, { from }] of Object.entries(offsets)) if (isOurs(key)) positions[key] ??= from;
    giveUpBatches(folder.offsets, lost.batch);
    return readOffsets(folder.offsets, after)?.batches ?? [];
  }

  /** Now and then: tells the group how far the sinks are, and finds out whether we are still of it. Throws SluiceError. */
  async keepUp(now: number): Promise<void> {
    this.#member.check();
    if (now < this.#reportAt) return;
    this.#reportAt = now + reportEvery;
    const { batch, sinks } = this.#commit ?? {};
    if (batch === undefined || batch <= this.#reported) return;
    // A sink that commits offsets with its rows has told them itself, and maybe newer ones by now.
    const isTold = sinks?.some((kept) => (kept as { group?: string } | null)?.group === this.name);
    const read = readBetween(this.#job.folder.offsets, this.#reported, batch);
    if (!isTold)
      await this.#tell(
        Object.entries(read).map(([key, { offset }]) => [key, offset] as const),
        batch,
      );
    this.#reported = batch;
  }

  async #tell(offsets: readonly (readonly [string, number])[], batch: number): Promise<void> {
    const metadata = commitMark(this.#id as string, batch);
    await this.#member.commit(offsets.map(([key, offset]) => ({ ...partitionOf(key), offset, metadata })));
  }

  /** Waits until the sinks have everything up to `offsets`, and tells the group. Throws SluiceError. */
  async settle(offsets: Offsets, stop: AbortSignal): Promise<void> {
    const isSettled = await this.#untilCommitted(offsets, rebalanceTimeout, stop);
    if (stop.aborted) return;
    if (!isSettled)
      throw new SluiceError(
        'tryLater',
        `group '${this.name}' is to be divided anew, and what was read does not come to its end`,
        'batches have to be shorter than five minutes',
      );
    await this.#tellAll(offsets);
  }

  async #tellAll(offsets: Offsets): Promise<void> {
    const batch = this.#commit?.batch;
    if (batch === undefined) return;
    await this.#tell([...offsets], batch);
    this.#reported = batch;
  }

  /** Resolves to whether they have it. */
  async #untilCommitted(offsets: Offsets, patience: number, stop?: AbortSignal): Promise<boolean> {
    const { folder } = this.#job;
    for (const deadline = monotonicTime() + patience; ; await sleep(lookEvery)) {
      this.#member.check();
      const read = positionsAt(folder.offsets, this.#commit?.batch ?? -1) ?? {};
      if ([...offsets].every(([key, offset]) => (read[key]?.offset ?? -1) >= offset)) return true;
      const isAlone = (await holderOf(folder, [ingestKey])) === undefined;
      if (isAlone || stop?.aborted || monotonicTime() > deadline) return false;
    }
  }

  /** The run is over: once the sinks have what they get, the others may go on. */
  async finish(offsets: Offsets): Promise<void> {
    try {
      if (await this.#untilCommitted(offsets, finishTimeout)) await this.#tellAll(offsets);
      await this.#member.leave();
      rmSync(this.#job.folder.member, { force: true });
    } catch {
      // The group finds out by itself, later.
    }
  }
}

// A member of a group: it shares the partitions of its topics with the others. Before it takes part in a new division it is
// asked to have brought to an end what it has read; kafkajs's own consumer goes on in the middle of that.
//
// Kafka protocol guide, "Group Membership API": join, sync, heartbeats, leave.
import { MemberAssignment, MemberMetadata } from 'kafkajs/src/consumer/assignerProtocol.js';
import { SluiceError } from '../errors.ts';
import { answerError } from './answer-errors.ts';
import { assign } from './assignment.ts';
import type { KafkaCluster } from './cluster.ts';
import type { GroupPosition } from './groups.ts';
import { byTopic, keyOf, partitionOf, type Partition } from './partition.ts';
import { innermost, isPassing } from './problems.ts';

/** Who is silent for longer is taken for dead. Milliseconds. */
const sessionTimeout = 30_000;
/** It is the answer to one that says that partitions are to be divided anew: who joins waits that long. */
const heartbeatEvery = 1000;
/** How long members have to finish what they read. */
export const rebalanceTimeout = 300_000;
/** All members run sluice: there is no other way to divide. */
const protocol = 'sluice';

export class GroupMember {
  readonly #cluster: KafkaCluster;
  readonly group: string;
  #memberId = '';
  #generation = -1;
  #isLeader = false;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  /** Partitions are to be divided anew. */
  isRebalancing = false;
  /** All partitions, as the division took them to be. */
  #divided: readonly string[] = [];

  /** As `memberId` it is known to the group from an earlier run, which need not be taken for dead first. */
  constructor(cluster: KafkaCluster, group: string, memberId: string) {
    this.#cluster = cluster;
    this.group = group;
    this.#memberId = memberId;
  }

  /** As whom it is known to the group. */
  get id(): string {
    return this.#memberId;
  }

  /** Takes part in a division of `all`; `owned` are what it had so far. Resolves to its share. Throws SluiceError. */
  async join(all: readonly Partition[], owned: readonly string[]): Promise<Partition[]> {
    this.#stopHeartbeats();
    const keys = all.map(keyOf);
    const share = await this.#cluster.persist(() => this.#join(keys, owned));
    this.#divided = keys;
    this.isRebalancing = false;
    this.#timer = setInterval(() => void this.#heartbeat(), heartbeatEvery);
    return share.map(partitionOf);
  }

  async #join(all: readonly string[], owned: readonly string[]): Promise<string[]> {
    const { group: groupId } = this;
    const broker = await this.#cluster.coordinator('group', groupId);
    const topics = [...new Set(all.map((key) => partitionOf(key).topic))];
    const metadata = MemberMetadata.encode({
      version: 0,
      topics,
      userData: Buffer.from(JSON.stringify(owned)),
    });
    try {
      const joined = await broker.joinGroup({
        groupId,
        sessionTimeout,
        rebalanceTimeout,
        memberId: this.#memberId,
        groupProtocols: [{ name: protocol, metadata }],
      });
      this.#memberId = joined.memberId;
      this.#generation = joined.generationId;
      this.#isLeader = joined.leaderId === joined.memberId;
      const { memberAssignment } = await broker.syncGroup({
        groupId,
        generationId: this.#generation,
        memberId: this.#memberId,
        groupAssignment: this.#isLeader ? divide(joined.members, all) : [],
      });
      const assignment = MemberAssignment.decode(memberAssignment)?.assignment ?? {};
      return Object.entries(assignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => keyOf({ topic, partition })),
      );
    } catch (error) {
      const { type = '' } = innermost(error);
      if (type === 'INCONSISTENT_GROUP_PROTOCOL') throw this.#taken(error);
      if (!expulsions.has(type)) throw error;
      // As a new member, then.
      this.#memberId = '';
      throw answerError();
    }
  }

  #taken(error: unknown): SluiceError {
    return new SluiceError(
      'usage',
      `group '${this.group}' has members that are no sluice`,
      'name a group of its own: --group NAME',
      error,
    );
  }

  async #heartbeat(): Promise<void> {
    try {
      const broker = await this.#cluster.coordinator('group', this.group);
      await broker.heartbeat(this.#identity);
    } catch (error) {
      const { type = '' } = innermost(error);
      if (type === 'REBALANCE_IN_PROGRESS') this.isRebalancing = true;
      else if (expulsions.has(type)) this.#failure = this.#expelled(error);
      // A coordinator that is away is back in time, or we are expelled.
      else if (!isPassing(error)) this.#failure = error;
    }
  }

  get #identity(): { groupId: string; groupGenerationId: number; memberId: string } {
    return { groupId: this.group, groupGenerationId: this.#generation, memberId: this.#memberId };
  }

  #expelled(error: unknown): SluiceError {
    return new SluiceError(
      'tryLater',
      `group '${this.group}' has gone on without this member, which did not answer or did not finish in time`,
      'run the line again: it goes on with what the group has not read yet',
      error,
    );
  }

  /** Throws SluiceError('tryLater') where the group has given our partitions to others. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Partitions are there that were not divided: the leader asks for a new division. */
  notice(all: readonly Partition[]): void {
    const known = new Set(this.#divided);
    if (this.#isLeader && all.some((partition) => !known.has(keyOf(partition)))) this.isRebalancing = true;
  }

  /** How far the group has read. Throws SluiceError. */
  async commit(positions: readonly GroupPosition[]): Promise<void> {
    if (positions.length === 0) return;
    try {
      await this.#cluster.persist(async () => {
        const broker = await this.#cluster.coordinator('group', this.group);
        const topics = byTopic(positions, ({ partition, offset, metadata }) => ({
          partition,
          offset: String(offset),
          metadata,
        }));
        await broker.offsetCommit({ ...this.#identity, topics });
      });
    } catch (error) {
      if (expulsions.has(innermost(error).type ?? '')) throw this.#expelled(error);
      throw error;
    }
  }

  /** The others need not wait until it is taken for dead. */
  async leave(): Promise<void> {
    this.#stopHeartbeats();
    if (this.#memberId === '') return;
    const broker = await this.#cluster.coordinator('group', this.group);
    await broker.leaveGroup({ groupId: this.group, memberId: this.#memberId });
  }

  #stopHeartbeats(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

const expulsions = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

type Joined = { readonly memberId: string; readonly memberMetadata: Buffer };

function divide(
  members: readonly Joined[],
  all: readonly string[],
): { memberId: string; memberAssignment: Buffer }[] {
  const claims = members.map(({ memberId, memberMetadata }) => {
    const { userData } = MemberMetadata.decode(memberMetadata);
    return { member: memberId, owned: JSON.parse(userData.toString('utf8')) as string[] };
  });
  return Array.from(assign(claims, all), ([memberId, keys]) => {
    const assignment = Object.fromEntries(
      byTopic(keys.map(partitionOf), ({ partition }) => partition).map(({ topic, partitions }) => [
        topic,
        partitions,
      ]),
    );
    return { memberId, memberAssignment: MemberAssignment.encode({ version: 0, assignment }) };
  });
}

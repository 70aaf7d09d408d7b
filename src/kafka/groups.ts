// How far groups have read. Beside each offset stands who committed it: a job, by its name, and the batch.
import type { KafkaCluster } from './cluster.ts';
import { byTopic, keyOf, type Partition } from './partition.ts';

export type GroupPosition = Partition & { readonly offset: number; readonly metadata: string };

/** In the order of `partitions`; undefined where the group has not read. Throws SluiceError. */
export function committedBy(
  cluster: KafkaCluster,
  groupId: string,
  partitions: readonly Partition[],
): Promise<(GroupPosition | undefined)[]> {
  if (partitions.length === 0) return Promise.resolve([]);
  return cluster.persist(async () => {
    const broker = await cluster.coordinator('group', groupId);
    const topics = byTopic(partitions, ({ partition }) => ({ partition }));
    const { responses } = await broker.offsetFetch({ groupId, topics });
    const found = new Map<string, GroupPosition>();
    for (const { topic, partitions: offsets } of responses)
      for (const { partition, offset, metadata } of offsets)
        if (Number(offset) >= 0)
          found.set(keyOf({ topic, partition }), {
            topic,
            partition,
            offset: Number(offset),
            metadata: metadata ?? '',
          });
    return partitions.map((partition) => found.get(keyOf(partition)));
  });
}

/** What stands beside the offsets that `job` commits with a batch. */
export function commitMark(job: string, batch: number): string {
  return `sluice ${job} ${batch}`;
}

/** The batch with which `job` committed, undefined where somebody else did. */
export function batchOfMark(metadata: string, job: string): number | undefined {
  const [name, who, batch] = metadata.split(' ');
  return name === 'sluice' && who === job ? Number(batch) : undefined;
}

// How far groups have read.
import type { KafkaCluster } from './cluster.ts';
import { byTopic, keyOf, type Partition } from './partition.ts';

/** In the order of `partitions`; undefined where the group has not read. Throws SluiceError. */
export function committedBy(
  cluster: KafkaCluster,
  groupId: string,
  partitions: readonly Partition[],
): Promise<(number | undefined)[]> {
  return cluster.persist(async () => {
    const broker = await cluster.coordinator('group', groupId);
    const topics = byTopic(partitions, ({ partition }) => ({ partition }));
    const { responses } = await broker.offsetFetch({ groupId, topics });
    const found = new Map(
      responses.flatMap(({ topic, partitions: offsets }) =>
        offsets.map(({ partition, offset }) => [keyOf({ topic, partition }), Number(offset)] as const),
      ),
    );
    return partitions.map((partition) => {
      const offset = found.get(keyOf(partition)) ?? -1;
      return offset >= 0 ? offset : undefined;
    });
  });
}

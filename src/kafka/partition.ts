export type Partition = { readonly topic: string; readonly partition: number };

/** What a job calls a partition: `orders/3`. */
export function keyOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`;
}

export function partitionOf(key: string): Partition {
  const at = key.lastIndexOf('/');
  return { topic: key.slice(0, at), partition: Number(key.slice(at + 1)) };
}

/** As requests of Kafka have them. */
export function byTopic<Wanted extends Partition, Asked>(
  partitions: readonly Wanted[],
  ask: (partition: Wanted) => Asked,
): { topic: string; partitions: Asked[] }[] {
  const topics = new Map<string, Asked[]>();
  for (const partition of partitions) {
    const asked = topics.get(partition.topic) ?? [];
    asked.push(ask(partition));
    topics.set(partition.topic, asked);
  }
  return Array.from(topics, ([topic, asked]) => ({ topic, partitions: asked }));
}

// Where reading begins in partitions that were not read before, and where it ends.
import { SluiceError } from '../../errors.ts';
import type { KafkaCluster } from '../../kafka/cluster.ts';
import { committedBy } from '../../kafka/groups.ts';
import type { Partition } from '../../kafka/partition.ts';
import { offsetsAt } from '../../kafka/reading.ts';
import { compileReader } from '../../time/time-of.ts';

export type Start =
  | { readonly at: 'earliest' | 'latest' | 'committed' }
  | { readonly time: number }
  | { readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>> };

/** Throws SluiceError('usage'). */
export function parseStart(text: string | undefined, hasGroup: boolean, hasEnd: boolean): Start {
  if (text === undefined) {
    if (hasGroup) return { at: 'committed' };
    return { at: hasEnd ? 'earliest' : 'latest' };
  }
  if (text === 'committed' && !hasGroup)
    throw new SluiceError('usage', '--start committed needs --group', 'it is a group that commits');
  if (text === 'earliest' || text === 'latest' || text === 'committed') return { at: text };
  if (text.startsWith('{')) return { offsets: parseOffsets(text) };
  const time = compileReader({ field: 'start' })(/^\d+$/.test(text) ? Number(text) : text, Date.now());
  // What is negative has another meaning to a broker.
  if (time >= 0) return { time };
  throw new SluiceError(
    'usage',
    `--start: '${text}' is no place in a topic`,
    'write earliest, latest, committed, a time such as 2026-03-01T12:00:00Z, or offsets: {"orders":{"0":12,"1":7}}',
  );
}

function parseOffsets(text: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  try {
    const offsets = JSON.parse(text) as Record<string, Record<string, number>>;
    if (Object.values(offsets).every(isTable)) return offsets;
  } catch {
    // Said below.
  }
  throw new SluiceError(
    'usage',
    `--start: ${text} is no table of offsets`,
    'write {"TOPIC":{"PARTITION":OFFSET}}, where -2 is the beginning and -1 the end',
  );
}

/** Spark's: -2 is the beginning, -1 the end. */
function isTable(partitions: unknown): boolean {
  if (typeof partitions !== 'object' || partitions === null || Array.isArray(partitions)) return false;
  return Object.entries(partitions).every(
    ([partition, offset]) => /^\d+$/.test(partition) && Number.isSafeInteger(offset) && offset >= -2,
  );
}

/** The offsets at which to begin, in the order of `partitions`. What `start` does not name begins at the beginning. */
export async function startOffsets(
  cluster: KafkaCluster,
  partitions: readonly Partition[],
  start: Start,
  group: string | undefined,
): Promise<number[]> {
  if ('time' in start) return offsetsAt(cluster, partitions, start.time);
  if ('at' in start && start.at !== 'committed') return offsetsAt(cluster, partitions, start.at);
  const earliest = await offsetsAt(cluster, partitions, 'earliest');
  if ('offsets' in start) {
    const latest = await offsetsAt(cluster, partitions, 'latest');
    return partitions.map(({ topic, partition }, index) => {
      const offset = start.offsets[topic]?.[partition] ?? -2;
      return (offset === -2 ? earliest[index] : offset === -1 ? latest[index] : offset) as number;
    });
  }
  const committed = await committedBy(cluster, group as string, partitions);
  return committed.map((position, index) => position?.offset ?? (earliest[index] as number));
}

// The first contact with a cluster. Whoever cannot be reached within seconds is not there: a typo should not take a minute.
// Later, what answered once is waited for as long as the user says.
import type { KafkaAddress } from './address.ts';
import { KafkaCluster } from './cluster.ts';
import type { Security } from './security.ts';

/** Milliseconds. */
const firstPatience = 10_000;

export type Reaching = {
  readonly address: KafkaAddress;
  readonly security: Security;
  /** How long to go on trying once `begin` has worked, in milliseconds. */
  readonly patience: number;
  readonly stop?: AbortSignal;
  /** A topic that is not there is made, where the brokers are set to do so. */
  readonly mayCreateTopics?: boolean;
};

/** What `begin` makes of the cluster; where that fails nothing stays open. Throws SluiceError. */
export async function reach<Begun>(
  { address, security, patience, stop, mayCreateTopics }: Reaching,
  begin: (cluster: KafkaCluster) => Promise<Begun>,
): Promise<Begun> {
  let isReached = false;
  const persistence = {
    where: address.text,
    patience: () => (isReached ? patience : Math.min(firstPatience, patience)),
    ...(stop && { stop }),
  };
  const cluster = await KafkaCluster.connect(address, security, persistence, mayCreateTopics);
  try {
    const begun = await begin(cluster);
    isReached = true;
    return begun;
  } catch (error) {
    // An open connection would keep the process alive.
    await cluster.close();
    throw error;
  }
}

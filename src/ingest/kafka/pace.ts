// How many messages each partition may hand on by now: what is saved up is at most a second's worth, so that a pause is not
// followed by a flood.

/** Longest time, in milliseconds, for which a partition saves up. */
const window = 1000;

export type Pace = {
  /** Messages. */
  allowance(key: string, now: number): number;
  spend(key: string, messages: number): void;
  /** When the allowance is one message at least. */
  nextTurn(key: string, now: number): number;
};

export const unlimitedPace: Pace = {
  allowance: () => Number.POSITIVE_INFINITY,
  spend: () => undefined,
  nextTurn: (_key, now) => now,
};

/** At most `rate` messages a second of each partition. Times are milliseconds of one clock. */
export class PartitionPace implements Pace {
  readonly #rate: (key: string) => number;
  readonly #saved = new Map<string, { messages: number; at: number }>();

  constructor(rate: (key: string) => number) {
    this.#rate = rate;
  }

  allowance(key: string, now: number): number {
    const perMillisecond = this.#rate(key) / 1000;
    const saved = this.#saved.get(key) ?? { messages: 1, at: now };
    const messages = Math.min(
      saved.messages + (now - saved.at) * perMillisecond,
      Math.max(1, perMillisecond * window),
    );
    this.#saved.set(key, { messages, at: now });
    return messages;
  }

  spend(key: string, messages: number): void {
    const saved = this.#saved.get(key);
    if (saved) saved.messages -= messages;
  }

  nextTurn(key: string, now: number): number {
    const missing = 1 - this.allowance(key, now);
    return missing <= 0 ? now : now + (missing / this.#rate(key)) * 1000;
  }
}

// Batches to an Avro source, tried again for as long as the user says: at least once.
import { messageOf, SluiceError } from '../../../errors.ts';
import { FlumeConnection, type FlumeTarget } from '../../../flume/client.ts';
import { tryUntilItWorks } from '../../../persist.ts';

/** Whoever cannot be reached within so many milliseconds at the start is not there: a typo should not take a minute. */
const firstPatience = 10_000;

export type Sending = {
  readonly target: FlumeTarget;
  readonly operand: string;
  /** Milliseconds. */
  readonly patience: number;
  readonly warn: (message: string) => void;
};

export class FlumeSender {
  readonly #sending: Sending;
  #connection: FlumeConnection | undefined;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  /** Throws SluiceError('unavailable') where nobody is there. */
  async open(): Promise<void> {
    await this.#persistently(Math.min(firstPatience, this.#sending.patience), () => Promise.resolve());
  }

  /** Throws SluiceError('unavailable') where patience is over. */
  async send(events: Buffer, count: number): Promise<void> {
    await this.#persistently(this.#sending.patience, (connection) => connection.appendBatch(events, count));
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #persistently(patience: number, work: (connection: FlumeConnection) => Promise<void>): Promise<void> {
    const { target, operand, warn } = this.#sending;
    const persistence = {
      patience: () => patience,
      isPassing: () => true,
      problem: (error: unknown) => unreachable(operand, error),
      tell: (error: unknown) => warn(`${operand}: ${describe(error)}; trying again`),
    };
    await tryUntilItWorks(persistence, async () => {
      try {
        this.#connection ??= await FlumeConnection.open(target);
        await work(this.#connection);
      } catch (error) {
        this.close();
        throw error;
      }
    });
  }
}

function unreachable(operand: string, error: unknown): SluiceError {
  return new SluiceError(
    'unavailable',
    `${operand} does not take any events: ${describe(error)}`,
    'is there an Avro source of a Flume agent, and does it speak TLS or not, packed or not, as this does?',
    error,
  );
}

/** Of a name with several addresses Node says nothing but that all failed. */
function describe(error: unknown): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return messageOf(first ?? error);
}

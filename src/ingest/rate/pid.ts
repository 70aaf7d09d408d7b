// How many records a second a pipeline can take, from how long it took for those of the last period: Spark's PID estimator,
// with its constants. (org.apache.spark.streaming.scheduler.rate.PIDRateEstimator)

const proportional = 1;
const integral = 0.2;
const derivative = 0;
/** Records a second; below it too little would come to tell anything. */
const leastRate = 100;

/** What became of a period; times are milliseconds. */
export type Period = {
  /** When it was over, on any clock. */
  readonly time: number;
  /** Records that were taken. */
  readonly count: number;
  /** How long they took. */
  readonly processingDelay: number;
  /** How much later than it should have it was over. */
  readonly schedulingDelay: number;
};

export class PidRateEstimator {
  /** Milliseconds that a period should take. */
  readonly #interval: number;
  #last: { readonly time: number; readonly rate: number; readonly error: number } | undefined;

  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Records a second from now on; undefined where the period tells nothing, as the first one and one without records. */
  update({ time, count, processingDelay, schedulingDelay }: Period): number | undefined {
    if (count <= 0 || processingDelay <= 0 || (this.#last && time <= this.#last.time)) return undefined;
    const processingRate = (count / processingDelay) * 1000;
    const last = this.#last;
    if (!last) {
      this.#last = { time, rate: processingRate, error: 0 };
      return undefined;
    }
    const error = last.rate - processingRate;
    const backlog = (schedulingDelay * processingRate) / this.#interval;
    const change = (error - last.error) / ((time - last.time) / 1000);
    const rate = Math.max(
      last.rate - proportional * error - integral * backlog - derivative * change,
      leastRate,
    );
    this.#last = { time, rate, error };
    return rate;
  }
}

// Time as it passes, whatever becomes of the system's clock.

/** Milliseconds since some moment. As `performance.now()`, for which Node loads a module that takes 1 ms of each start. */
export function monotonicTime(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}

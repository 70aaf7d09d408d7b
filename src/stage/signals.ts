// Ctrl-C reaches every process of a pipe at once. The first signal means: stop reading at the source, and let what
// was read drain through; so only the source acts on it. The second one means: now.
const lastActions = new Set<() => void>();

/** What is done at once before a second signal ends the process. Call what it returns when there is no need any more. */
export function beforeDying(action: () => void): () => void {
  lastActions.add(action);
  return () => lastActions.delete(action);
}

const drains: (() => void)[] = [];
let received = 0;

/** Of several jobs in one process each has its own `drain`. */
export function onFirstSignal(drain: () => void): void {
  drains.push(drain);
  if (drains.length > 1) return;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => receive(signal));
}

function receive(signal: NodeJS.Signals): void {
  received += 1;
  if (received === 1) {
    for (const drain of drains) drain();
    return;
  }
  for (const action of lastActions) action();
  // Dying of the signal itself tells the shell the truth (130, 143).
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

// What a command writes to its standard output, which is run again when it ends.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { monotonicTime } from '../../clock.ts';
import { messageOf, SluiceError } from '../../errors.ts';
import { beforeDying } from '../../stage/signals.ts';
import { LineReading } from './lines.ts';
import type { Service, ServiceSettings } from './service.ts';

/** Milliseconds between two runs: longer each time, until one has run as long as the longest pause. */
const leastPause = Number(process.env['SLUICE_EXEC_PAUSE'] ?? 1000);
const mostPause = 32 * leastPause;

/**
 * Of a stage that is killed nobody tells its command, and one that is quiet does not find out by itself. Beside it, for as long as
 * it runs, somebody reads what only the stage could write, and ends the group where that is over without a word.
 */
const watched = '((read -r word <&3 || kill 0) >/dev/null 2>&1 &); exec sh -c "$1" 3<&-';

export function runCommand(command: string, settings: ServiceSettings): Service {
  const { inbox, operand, exitOnEof, maxRecord, warn } = settings;
  let [cut, isStopped, isRunning, pause] = [0, false, false, leastPause];
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess;
  let reading: LineReading;

  const run = (): void => {
    const startedAt = monotonicTime();
    isRunning = true;
    reading = new LineReading(inbox, maxRecord);
    // A group of its own, so that all of a pipeline is ended with it.
    child = spawn('sh', ['-c', watched, 'sh', command], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      detached: true,
    });
    const line = child.stdio[3] as Socket;
    // A signal may have ended whoever reads it.
    line.on('error', () => undefined);
    line.unref();
    child.on('exit', () => line.end('over\n'));
    child.stdout?.on('data', (bytes: Buffer) => {
      reading.push(bytes);
      if (inbox.isFull) child.stdout?.pause();
    });
    child.on('error', (error) => inbox.fail(cannotRun(operand, error)));
    child.on('close', (code, signal) => {
      isRunning = false;
      reading.end();
      cut += reading.cut;
      if (isStopped) return inbox.end();
      again(code, signal, monotonicTime() - startedAt);
    });
  };
  const again = (code: number | null, signal: string | null, ranFor: number): void => {
    const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
    if (exitOnEof) {
      return code === 0
        ? inbox.end()
        : inbox.fail(new SluiceError('inputOutput', `${operand} failed: ${how}`));
    }
    if (ranFor > mostPause) pause = leastPause;
    warn(`${operand} ended: ${how}; run again in ${pause / 1000} s`);
    timer = setTimeout(run, pause);
    pause = Math.min(2 * pause, mostPause);
  };
  const kill = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined && isRunning) process.kill(-child.pid, name);
    } catch {
      // All of it has ended by itself.
    }
  };
  inbox.whenRoom(() => child.stdout?.resume());
  run();
  const forget = beforeDying(() => kill('SIGKILL'));
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
      // What it has written by then is read to its end.
      if (isRunning) kill('SIGTERM');
      else inbox.end();
    },
    close() {
      isStopped = true;
      clearTimeout(timer);
      forget();
      kill('SIGTERM');
      child.stdout?.destroy();
      child.unref();
    },
    cut: () => cut,
  };
}

function cannotRun(operand: string, error: Error): SluiceError {
  return new SluiceError('noInput', `${operand} cannot be run: ${messageOf(error)}`, undefined, error);
}

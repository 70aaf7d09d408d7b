// A connection to somebody who sends lines, made again whenever it ends.
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isIP } from 'node:net';
import { monotonicTime } from '../../clock.ts';
import { messageOf, SluiceError } from '../../errors.ts';
import type { Address } from '../../address.ts';
import { LineReading } from './lines.ts';
import type { Service, ServiceSettings } from './service.ts';

/** As Spark's socketTextStream has it. Milliseconds. */
const reconnectAfter = Number(process.env['SLUICE_RECONNECT'] ?? 2000);

export function connectTo(at: Address | { readonly path: string }, settings: ServiceSettings): Service {
  const { inbox, operand, exitOnEof, patience, maxRecord, warn, tls } = settings;
  const started = monotonicTime();
  let [cut, isStopped, isTold, wasThere] = [0, false, false, false];
  let socket: Socket;
  let timer: NodeJS.Timeout | undefined;
  let reading: LineReading | undefined;

  const open = (): void => {
    socket = tls ? connectTls({ ...tls, ...at, ...serverName(at) }) : connectPlain(at);
    let failure: Error | undefined;
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      if (isTold) warn(`${operand}: connected`);
      [isTold, wasThere] = [false, true];
      reading = new LineReading(inbox, maxRecord);
      socket.setKeepAlive(true, 60_000);
      socket.on('data', (bytes: Buffer) => {
        reading?.push(bytes);
        if (inbox.isFull) socket.pause();
      });
    });
    socket.on('end', () => reading?.end());
    socket.on('error', (error: Error) => (failure = error));
    socket.on('close', () => {
      cut += reading?.cut ?? 0;
      reading = undefined;
      if (!isStopped) again(failure);
    });
  };
  const again = (failure: Error | undefined): void => {
    if (exitOnEof && wasThere) return failure ? inbox.fail(broken(operand, failure)) : inbox.end();
    if (exitOnEof && monotonicTime() - started + reconnectAfter > patience)
      return inbox.fail(
        new SluiceError(
          'unavailable',
          `${operand} cannot be reached: ${failureOf(failure)}`,
          'is anybody listening there?',
        ),
      );
    if (!isTold) {
      const why = failure ? failureOf(failure) : 'the connection was closed';
      warn(`${operand}: ${why}; connecting again every ${reconnectAfter / 1000} s`);
    }
    isTold = true;
    timer = setTimeout(open, reconnectAfter);
  };
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
    socket.destroy();
    inbox.end();
  };
  inbox.whenRoom(() => socket.resume());
  open();
  return { stop, close: stop, cut: () => cut + (reading?.cut ?? 0) };
}

/** Names of hosts are asked for, numbers are not allowed to be. */
function serverName(at: Address | { readonly path: string }): object {
  return 'host' in at && isIP(at.host) === 0 ? { servername: at.host } : {};
}

/** Of a name with several addresses Node says nothing but that all failed. */
function failureOf(error: Error | undefined): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return messageOf(first ?? error ?? 'it was closed');
}

function broken(operand: string, error: Error): SluiceError {
  return new SluiceError('inputOutput', `${operand}: the connection broke: ${failureOf(error)}`);
}

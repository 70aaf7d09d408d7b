// An Avro source as Flume has it: its agents send batches here.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isPackedHead, PackedStream } from '../../../flume/packed-stream.ts';
import { parseAddress } from '../../../address.ts';
import { listen } from '../listen.ts';
import type { Service, ServiceSettings } from '../service.ts';
import { FlumeCalls } from './calls.ts';
import { MaybePacked } from './packed.ts';

/** Until the first byte, in milliseconds. */
const longestSilence = 30_000;

/** An agent that packs and speaks TLS packs what TLS has made. */
function unpacked(socket: Socket, then: (stream: Duplex) => void): void {
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), longestSilence).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('data', (bytes: Buffer) => {
    clearTimeout(timer);
    socket.pause();
    socket.unshift(bytes);
    const isPacked = bytes.length > 1 && isPackedHead(bytes[0] as number, bytes[1] as number);
    then(isPacked ? new PackedStream(socket).on('error', () => undefined) : socket);
  });
}

export function listenForFlume(settings: ServiceSettings): Promise<Service> {
  const { operand, inbox } = settings;
  return listen(
    parseAddress(operand, 0),
    settings,
    (peer) => new MaybePacked((send) => new FlumeCalls(inbox, settings, { ...peer, send }), peer),
    unpacked,
  );
}

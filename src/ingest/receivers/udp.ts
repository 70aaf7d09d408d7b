// Datagrams. Of syslog each is a message; of everything else lines, as those who count things send several in one.
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { parseAddress } from '../../address.ts';
import { LineReading } from './lines.ts';
import { cannotListen, tellPort } from './listen.ts';
import { MessageLines } from './messages.ts';
import type { Service, ServiceSettings } from './service.ts';

/** The system keeps what comes while nobody reads, and drops what is more. */
const kept = 4 * 1024 * 1024;
const lineEnd = /\r?\n$/;

export async function listenForDatagrams(settings: ServiceSettings): Promise<Service> {
  const { operand, inbox, maxRecord, format } = settings;
  const { host, port } = parseAddress(operand, 0);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  let [cut, dropped] = [0, 0];
  const isMessage = format === 'syslog';
  socket.on('message', (bytes) => {
    // There is no way to hold back who sends.
    if (inbox.isFull) return void (dropped += 1);
    if (isMessage) return inbox.add({ bytes: messageOf(bytes) });
    const reading = new LineReading(inbox, maxRecord);
    reading.push(bytes);
    reading.end();
    cut += reading.cut;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    socket.close();
    throw cannotListen(operand, error);
  });
  socket.on('error', (error) => inbox.fail(error));
  // As much as the system allows.
  socket.setRecvBufferSize(kept);
  tellPort(socket, settings);
  let isClosed = false;
  const close = (): void => {
    if (!isClosed) socket.close();
    isClosed = true;
    inbox.end();
  };
  return {
    stop: close,
    close,
    cut: () => cut,
    closing: () =>
      dropped === 0
        ? []
        : [{ message: `${operand}: ${dropped} datagrams were dropped, since the pipeline was too slow` }],
  };
}

function messageOf(bytes: Buffer): Buffer {
  const lines = new MessageLines();
  const [end = ''] = lineEnd.exec(bytes.toString('latin1')) ?? [];
  lines.add(bytes, 0, bytes.length - end.length);
  return lines.bytes;
}

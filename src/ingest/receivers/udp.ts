// Datagrams. Of syslog each is a message; of everything else lines, as those who count things send several in one.
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { parseAddress } from '../../address.ts';
import { LineReading } from './lines.ts';
import { cannotListen, tellPort } from './listen.ts';
import { droppedBySystem } from './lost-datagrams.ts';
import { MessageLines } from './messages.ts';
import type { Service, ServiceSettings } from './service.ts';
import { addMessage } from './syslog.ts';

/** The system keeps what comes while nobody reads, and drops what is more. */
const kept = 4 * 1024 * 1024;
/** The system is asked what it dropped, in milliseconds. */
const askEvery = 1000;

export async function listenForDatagrams(settings: ServiceSettings): Promise<Service> {
  const { operand, inbox, maxRecord, format, warn } = settings;
  const { host, port } = parseAddress(operand, 0);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  let [cut, dropped] = [0, 0];
  const isMessage = format === 'syslog';
  socket.on('message', (bytes) => {
    // There is no way to hold back who sends.
    if (inbox.isFull) return void (dropped += 1);
    if (isMessage) {
      const lines = new MessageLines(bytes.length);
      if (addMessage(lines, bytes, 0, bytes.length, maxRecord)) cut += 1;
      return inbox.add({ bytes: lines.bytes });
    }
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
  const bySystem = droppedBySystem(socket);
  const timer = setInterval(() => {
    if (dropped + bySystem() === 0) return;
    warn(`${operand}: datagrams are dropped, since the pipeline is too slow`);
    clearInterval(timer);
  }, askEvery);
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    clearInterval(timer);
    dropped += bySystem();
    socket.close();
    inbox.end();
  };
  return {
    stop: close,
    close,
    cut: () => cut,
    closing: () =>
      dropped === 0
        ? []
        : [
            {
              message: `${operand}: ${dropped} datagrams were dropped, since the pipeline was too slow`,
              hint: 'with a larger net.core.rmem_max the system keeps more of them',
            },
          ],
  };
}

// Every source that is sent to or connected to, the first that matches an operand wins. Order = order in the man page.
import { SluiceError } from '../../errors.ts';
import type { Address } from '../../address.ts';
import type { ReceiverKind, Service, ServiceSettings } from './service.ts';

const sockets = ['tls', 'tls-ca', 'tls-cert', 'tls-key'];
const limits = ['max-connections', 'idle-timeout'];
const never = (): boolean => false;
const always = (): boolean => true;
const ofSyslog = (format: string): boolean => format === 'syslog';

export const receiverKinds: readonly ReceiverKind[] = [
  {
    name: 'tcp://HOST:PORT',
    summary: 'lines of whoever listens there, connected to again 2 s after it goes away',
    matches: (operand) => operand.startsWith('tcp://'),
    hasMessages: never,
    isOneStream: true,
    options: ['exit-on-eof', ...sockets],
    async open(settings) {
      const [{ connectTo }, { parseAddress }] = await Promise.all([
        import('./connect.ts'),
        import('../../address.ts'),
      ]);
      return connectTo(parseAddress(settings.operand, 1), settings);
    },
  },
  {
    name: 'tcp-listen://HOST:PORT',
    summary: 'lines of all clients that connect',
    matches: (operand) => operand.startsWith('tcp-listen://'),
    hasMessages: ofSyslog,
    options: [...limits, ...sockets],
    async open(settings) {
      const { parseAddress } = await import('../../address.ts');
      return listenForLines(parseAddress(settings.operand, 0), settings);
    },
  },
  {
    name: 'unix:PATH',
    summary: 'a Unix socket, as tcp',
    matches: (operand) => operand.startsWith('unix:'),
    hasMessages: never,
    isOneStream: true,
    options: ['exit-on-eof'],
    async open(settings) {
      const path = behindColon(settings.operand, 'PATH');
      return (await import('./connect.ts')).connectTo({ path }, settings);
    },
  },
  {
    name: 'unix-listen:PATH',
    summary: 'a Unix socket, as tcp-listen',
    matches: (operand) => operand.startsWith('unix-listen:'),
    hasMessages: ofSyslog,
    options: limits,
    open: (settings) => listenForLines({ path: behindColon(settings.operand, 'PATH') }, settings),
  },
  {
    name: 'udp-listen://HOST:PORT',
    summary: 'datagrams of lines, or of syslog',
    matches: (operand) => operand.startsWith('udp-listen://'),
    hasMessages: ofSyslog,
    options: [],
    open: async (settings) => (await import('./udp.ts')).listenForDatagrams(settings),
  },
  {
    name: 'http-listen://HOST:PORT',
    summary: 'lines, or Flume’s JSON events, that are posted',
    matches: (operand) => operand.startsWith('http-listen://'),
    hasMessages: always,
    answers: true,
    options: ['with-meta', 'dedup-header', ...limits, ...sockets],
    open: async (settings) => (await import('./http.ts')).listenForHttp(settings),
  },
  {
    name: 'flume://HOST:PORT',
    summary: 'events of Flume agents, whose Avro sinks send them here',
    matches: (operand) => operand.startsWith('flume://'),
    hasMessages: always,
    answers: true,
    options: ['with-meta', 'dedup-header', ...limits, ...sockets],
    open: async (settings) => (await import('./flume/open.ts')).listenForFlume(settings),
  },
  {
    name: 'exec:COMMAND',
    summary: 'what a command of the shell writes; it is run again when it ends',
    matches: (operand) => operand.startsWith('exec:'),
    hasMessages: never,
    isOneStream: true,
    options: ['exit-on-eof'],
    open: async (settings) =>
      (await import('./exec.ts')).runCommand(behindColon(settings.operand, 'COMMAND'), settings),
  },
];

export function receiverOf(operand: string): ReceiverKind | undefined {
  return receiverKinds.find(({ matches }) => matches(operand));
}

async function listenForLines(
  at: Address | { readonly path: string },
  settings: ServiceSettings,
): Promise<Service> {
  const [{ listen }, { LineReading }, { SyslogReading }] = await Promise.all([
    import('./listen.ts'),
    import('./lines.ts'),
    import('./syslog.ts'),
  ]);
  const { inbox, maxRecord, format } = settings;
  const Reading = format === 'syslog' ? SyslogReading : LineReading;
  return listen(at, settings, () => new Reading(inbox, maxRecord));
}

/** Throws SluiceError('usage') where there is nothing. */
function behindColon(operand: string, what: string): string {
  const at = operand.indexOf(':');
  if (at + 1 < operand.length) return operand.slice(at + 1);
  throw new SluiceError('usage', `'${operand}' names no ${what.toLowerCase()}`, `write ${operand}${what}`);
}

// The monitor of an emit with what its options ask for.
import type { EmitSettings } from '../emit/command.ts';
import { isTerminal, warn } from '../stage/stderr.ts';
import { Monitor } from './monitor.ts';
import { parseListenAddress, type Address } from '../address.ts';
import type { Route } from './server.ts';

type Asked = {
  readonly option: string;
  readonly address: Address;
  readonly routes: Record<string, Route>;
};

/** Throws SluiceError where a file cannot be written or an address is taken. */
export async function openMonitor(settings: EmitSettings, target: string): Promise<Monitor> {
  const { http, metrics, progressJson, sort } = settings;
  const monitor = new Monitor(Date.now());
  const asked: Asked[] = [];
  if (metrics !== undefined) {
    const { Metrics } = await import('./metrics.ts');
    const outlet = new Metrics(monitor.pipeline);
    monitor.add(outlet);
    asked.push({
      option: 'metrics',
      address: parseListenAddress(metrics, 'metrics'),
      routes: { '/metrics': outlet.route },
    });
  }
  if (http !== undefined) {
    const { Page } = await import('./page.ts');
    const page = new Page(monitor.pipeline, sort);
    monitor.add(page);
    asked.push({ option: 'http', address: parseListenAddress(http, 'http'), routes: page.routes });
  }
  try {
    if (progressJson !== undefined) {
      const { ProgressFile } = await import('./progress-file.ts');
      monitor.add(await ProgressFile.open(progressJson, target));
    }
    // Only here Node's HTTP is loaded, which takes longer than all else of a start.
    if (asked.length > 0) await serve(asked, monitor);
    return monitor;
  } catch (error) {
    await monitor.close('failed');
    throw error;
  }
}

/** What is asked for at the same address is served by one server. */
async function serve(asked: readonly Asked[], monitor: Monitor): Promise<void> {
  const { MonitorServer } = await import('./server.ts');
  const served = new Set<string>();
  for (const { option, address } of asked) {
    const place = `${address.host}:${address.port}`;
    if (served.has(place)) continue;
    served.add(place);
    const shared = asked.filter((other) => `${other.address.host}:${other.address.port}` === place);
    const server = await MonitorServer.open(
      address,
      Object.assign({}, ...shared.map(({ routes }) => routes)),
    );
    monitor.add({ close: () => server.close() });
    if (address.port === 0 || (option === 'http' && isTerminal()))
      for (const { routes } of shared) warn('emit', `look at ${server.url}${Object.keys(routes)[0]}`);
  }
}

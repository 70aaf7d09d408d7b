// An Avro source as Flume has it: its agents send batches here.
import { parseAddress } from '../../../address.ts';
import { listen } from '../listen.ts';
import type { Service, ServiceSettings } from '../service.ts';
import { FlumeCalls } from './calls.ts';
import { MaybePacked } from './packed.ts';

export function listenForFlume(settings: ServiceSettings): Promise<Service> {
  const { operand, inbox } = settings;
  return listen(
    parseAddress(operand, 0),
    settings,
    (peer) => new MaybePacked((send) => new FlumeCalls(inbox, settings, { ...peer, send }), peer),
  );
}

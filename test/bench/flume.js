// What it costs to make messages of the events of Flume, beside avsc:
//
//   node test/bench/flume.js
import avro from 'avsc';
import { bundled } from './bundle.js';
import { median } from './measure.js';

const rounds = 25;
const callsARound = 40;
const eventsACall = 500;

const { AvroReader, protocolText, readEvents, MessageLines } = await bundled(
  'flume',
  ['flume/avro', 'flume/protocol', 'ingest/receivers/flume/events', 'ingest/receivers/messages']
    .map((path) => `export * from './src/${path}.ts';`)
    .join('\n'),
);
const type = avro.Service.forProtocol(JSON.parse(protocolText)).message('appendBatch').requestType;
const someHeaders = { id: '1234567', host: 'web-1', timestamp: '1772359200000' };

for (const headers of [{}, someHeaders])
  for (const withHeaders of [false, true]) {
    const events = Array.from({ length: eventsACall }, (_, index) => ({
      headers,
      body: Buffer.from(`${index} `.padEnd(200, 'x')),
    }));
    const call = type.toBuffer({ events });
    const settings = { maxRecord: 1024 * 1024, withHeaders, dedupHeader: undefined };
    const ways = {
      own: () => readEvents(new AvroReader(call), 'appendBatch', settings).bytes,
      avsc: () => {
        const lines = new MessageLines();
        for (const { headers: own, body } of type.fromBuffer(call).events) {
          const prefix = withHeaders ? Buffer.from(JSON.stringify(own)) : Buffer.alloc(0);
          lines.add(prefix, 0, prefix.length);
          lines.add(body, 0, body.length);
        }
        return lines.bytes;
      },
    };
    const times = { own: [], avsc: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const [name, way] of Object.entries(ways)) {
        const started = performance.now();
        for (let index = 0; index < callsARound; index += 1) way();
        times[name].push(((performance.now() - started) * 1e6) / callsARound / eventsACall);
      }
    const [own, other] = [median(times.own), median(times.avsc)];
    console.log(
      `${Object.keys(headers).length} headers, ${withHeaders ? 'kept' : 'passed over'}: ${Math.round(own)} ns an event, avsc ${Math.round(other)}: ${(other / own).toFixed(1)} times`,
    );
  }

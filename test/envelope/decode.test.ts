// What is said about a line that is no envelope.
import { expect, test } from 'vitest';
import { decodeEnvelope } from '../../src/envelope/decode.ts';
import { failureOf } from '../helpers/envelopes.ts';

const notAnEnvelope = 'badData: not an envelope, line 7: ';

test.each([
  ['', 'it is no JSON'],
  ['plain text', 'it is no JSON'],
  ['{"v":1,"n":1,"records":["a"', 'it is no JSON'],
  ['{"records":[1,]}', 'it is no JSON'],
  ['7', 'it is JSON, but no object'],
  ['null', 'it is JSON, but no object'],
  ['"text"', 'it is JSON, but no object'],
  ['["a"]', 'it is JSON, but no object'],
  ['{}', `field 'records' is missing`],
  ['{"v":1,"n":0,"end":"ok"}', `field 'records' is missing`],
  ['{"records":"a"}', `field 'records' has to be a list`],
  ['{"records":null}', `field 'records' has to be a list`],
  ['{"records":["a"],"n":2}', `field 'n' says 2, but there are 1 records`],
  ['{"v":1,"n":0,"records":["a"]}', `field 'n' says 0, but there are 1 records`],
  ['{"v":1,"n":1,"records":[]}', `field 'n' says 1, but there are 0 records`],
  ['{"records":[],"n":"0"}', `field 'n' says "0", but there are 0 records`],
  ['{"v":1,"n":-1,"records":["a"]}', `field 'n' has to be a whole number from 0`],
  ['{"v":1,"n":1,"batch":-1,"records":[1]}', `field 'batch' has to be a whole number from 0`],
  ['{"v":1,"n":1,"batch":1.5,"records":[1]}', `field 'batch' has to be a whole number from 0`],
  ['{"v":1,"n":1,"batch":null,"records":[1]}', `field 'batch' has to be a whole number from 0`],
  ['{"records":[1],"part":"0"}', `field 'part' has to be a whole number from 0`],
  ['{"records":[1],"last":1}', `field 'last' has to be true or false`],
  ['{"records":[1],"from":"now"}', `field 'from' has to be a whole number of epoch milliseconds`],
  ['{"records":[1],"to":9e15}', `field 'to' has to be a whole number of epoch milliseconds`],
  [
    '{"records":[1],"pane":{"start":0}}',
    `field 'pane' has to be an interval {"start","end"} in epoch milliseconds`,
  ],
  [
    '{"records":[1],"window":{"start":0,"end":9e15}}',
    `field 'window' has to be an interval {"start","end"} in epoch milliseconds`,
  ],
  ['{"records":[1],"closed":{"start":0,"end":1}}', `field 'closed' has to be a list of intervals`],
  ['{"records":[1],"closed":[[0,1]]}', `field 'closed' has to be a list of intervals`],
  [
    '{"records":[1],"reduced":[]}',
    `field 'reduced' has to be an object {"keys","aggregates"}: a list of names, and names with expressions`,
  ],
  ['{"records":[1],"stages":{}}', `field 'stages' has to be a list of objects`],
  ['{"records":[1],"stages":[1]}', `field 'stages' has to be a list of objects`],
  ['{"records":[],"end":true}', `field 'end' has to be a string`],
  ['{"records":[],"end":"soon"}', `field 'end' has to be "ok", "failed" or "paused"`],
  ['{"records":[],"end":"failed","reason":1}', `field 'reason' has to be a string`],
])('%s: %s', (line, why) => {
  expect(failureOf(() => decodeEnvelope(Buffer.from(line), 7))).toBe(notAnEnvelope + why);
});

test.each(['{"v":2,"n":1,"records":["a"]}', '{"records":["a"],"v":2}'])('another version: %s', (line) => {
  expect(failureOf(() => decodeEnvelope(Buffer.from(line), 3))).toBe(
    'badData: line 3 is an envelope of version 2, this is sluice for version 1',
  );
});

// The lines of --progress-json have what StreamingQueryProgress of Spark has.
import { expect, test } from 'vitest';
import { Pipeline } from '../../src/monitor/pipeline.ts';
import { sparkProgress } from '../../src/monitor/progress-file.ts';

const names = { id: 'job', runId: 'run', sink: '-' };

test('a batch by time', () => {
  const pipeline = new Pipeline(0);
  const stages = [
    { stage: 'ingest', in: 0, out: 10, bytes: 100, ms: 3, done: 50 },
    { stage: 'window', in: 10, out: 6, bytes: 60, ms: 1, late: 4 },
    { stage: 'emit', in: 2, out: 2, bytes: 20, ms: 1 },
  ];
  const offsets = { 'a.log': { from: { offset: 0 }, until: { offset: 50 } } };
  const head = { batch: 7, from: 1000, to: 3000, last: true, watermark: 500, offsets, at: 3040 };
  const [view] = [pipeline.report(stages, head)];
  expect(view && sparkProgress(view, undefined, names)).toEqual({
    id: 'job',
    runId: 'run',
    name: null,
    timestamp: '1970-01-01T00:00:03.000Z',
    batchId: 7,
    batchDuration: 2000,
    numInputRows: 10,
    inputRowsPerSecond: 5,
    processedRowsPerSecond: 250,
    durationMs: { triggerExecution: 40 },
    schedulingDelayMs: 0,
    eventTime: { watermark: '1970-01-01T00:00:00.500Z' },
    stateOperators: [{ operatorName: 'window', numRowsDroppedByWatermark: 4 }],
    sources: [
      {
        description: 'a.log',
        startOffset: { offset: 0 },
        endOffset: { offset: 50 },
        numInputRows: 10,
        inputRowsPerSecond: 5,
        processedRowsPerSecond: 250,
      },
    ],
    sink: { description: '-', numOutputRows: 2 },
    stages: [
      { stage: 'ingest', in: 0, out: 10, bytes: 100, ms: 3 },
      { stage: 'window', in: 10, out: 6, bytes: 60, ms: 1, late: 4 },
      { stage: 'emit', in: 2, out: 2, bytes: 20, ms: 1 },
    ],
  });
});

test('without offsets the bytes of the input tell where a batch begins and ends; what is not known is left out', () => {
  const pipeline = new Pipeline(0);
  const stage = { stage: 'ingest', in: 0, out: 1, bytes: 1, ms: 0 };
  const first = pipeline.report([{ ...stage, done: 20 }], { batch: 0, last: true, at: 0 });
  const second = pipeline.report([{ ...stage, done: 30 }], { batch: 1, last: true, at: 0 });
  const progress = second && sparkProgress(second, first, names);
  expect(progress).toMatchObject({ sources: [{ description: 'ingest', startOffset: 20, endOffset: 30 }] });
  expect(progress).not.toHaveProperty('inputRowsPerSecond');
  expect(progress).not.toHaveProperty('batchDuration');
});

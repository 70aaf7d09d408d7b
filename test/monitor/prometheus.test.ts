// The text format by a strict reader of its grammar, and by Prometheus' own tool where that is installed.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Metrics } from '../../src/monitor/metrics.ts';
import { Pipeline } from '../../src/monitor/pipeline.ts';
import { formatFamilies, Histogram } from '../../src/monitor/prometheus.ts';

function metricsText(): string {
  const pipeline = new Pipeline(1000);
  const metrics = new Metrics(pipeline);
  for (const batch of [0, 1]) {
    const stages = [
      { stage: 'ingest', in: 0, out: 10, bytes: 100, ms: 3, done: 50, total: 200, rejected: 1 },
      { stage: 'reduce', in: 10, out: 2, bytes: 20, ms: 7, late: 4 },
      { stage: 'reduce', in: 2, out: 2, bytes: 20, ms: 1 },
      { stage: 'emit', in: 2, out: 2, bytes: 20, ms: 1 },
    ];
    const head = { batch, from: 1000 * batch, to: 1000 * batch + 1000, last: true, at: 1000 * batch + 1030 };
    metrics.report(pipeline.report(stages, { ...head, watermark: 5000 }));
  }
  pipeline.window();
  return metrics.text(3000);
}

const text = metricsText();

/** Samples by name and labels. Throws where a line is neither sample nor comment, or a family lacks HELP and TYPE in front. */
function samplesOf(page: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  let helped = '';
  for (const line of page.trimEnd().split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') helped = name;
      else {
        expect(helped, line).toBe(name);
        expect(types.has(name), line).toBe(false);
        types.set(name, rest);
      }
      continue;
    }
    const sample = /^([a-z_]+)((?:\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/.exec(line);
    if (!sample) throw new Error(`this is no sample: ${line}`);
    const [, name = '', labels = '', value] = sample;
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    expect(types.get(family), line).toBeDefined();
    expect(samples.has(name + labels), line).toBe(false);
    samples.set(name + labels, Number(value));
  }
  for (const [name, type] of types) {
    expect(name).toMatch(/^sluice_/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
  }
  return samples;
}

describe('metrics', () => {
  const samples = samplesOf(text);

  test.each([
    ['sluice_batches_total', 2],
    ['sluice_windows_total', 1],
    ['sluice_batch_number', 1],
    ['sluice_batch_interval_seconds', 1],
    ['sluice_input_position_bytes', 50],
    ['sluice_input_size_bytes', 200],
    ['sluice_watermark_timestamp_seconds', 5],
    ['sluice_falling_behind', 0],
    ['sluice_stage_records_out_total{stage="ingest",position="0"}', 20],
    ['sluice_stage_records_in_total{stage="reduce",position="1"}', 20],
    ['sluice_stage_records_in_total{stage="reduce",position="2"}', 4],
    ['sluice_stage_busy_seconds_total{stage="reduce",position="1"}', 0.014],
    ['sluice_stage_anomalies_total{stage="reduce",position="1",kind="late"}', 8],
    ['sluice_stage_anomalies_total{stage="ingest",position="0",kind="rejected"}', 2],
    ['sluice_batch_total_delay_seconds_bucket{le="0.025"}', 0],
    ['sluice_batch_total_delay_seconds_bucket{le="0.05"}', 2],
    ['sluice_batch_total_delay_seconds_bucket{le="+Inf"}', 2],
    ['sluice_batch_total_delay_seconds_sum', 0.06],
    ['sluice_batch_total_delay_seconds_count', 2],
  ])('%s', (name, value) => expect(samples.get(name)).toBe(value));

  test('pass promtool', () => {
    const { error, status, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    if (error && !process.env['CI'])
      return console.warn('passed over: there is no promtool (apt install prometheus)');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

test('before anything has come there are metrics all the same', () => {
  expect(samplesOf(new Metrics(new Pipeline(0)).text(0)).get('sluice_batches_total')).toBe(0);
});

test('values of labels, and help, are escaped', () => {
  const page = formatFamilies([
    { name: 'a', type: 'gauge', help: 'b\\c\nd', samples: [{ labels: { e: 'f"g\\h\ni' }, value: Infinity }] },
  ]);
  expect(page).toBe('# HELP a b\\\\c\\nd\n# TYPE a gauge\na{e="f\\"g\\\\h\\ni"} +Inf\n');
});

test('a bound of a histogram counts what is at it', () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [1, 1.5, 2, 3]) histogram.observe(value);
  expect(histogram.samples().map(({ value }) => value)).toEqual([1, 3, 4, 7.5, 4]);
});

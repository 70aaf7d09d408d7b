// What stages do, and what became of batches.
import { element, find } from './elements.js';
import { formatCount, formatSpan, formatTime, formatWhole } from './format.js';

/** Rows of the table of batches. */
const shownBatches = 50;

/** @param {any} view */
export function drawStages(view) {
  if (!view) return;
  const last = view.newest?.stages ?? [];
  const longest = Math.max(...last.map((/** @type {any} */ { ms }) => ms), 0);
  const elapsed = Math.max(1, view.now - view.startedAt);
  find('#stages tbody').replaceChildren(
    ...view.stages.map((/** @type {any} */ report, /** @type {number} */ index) => {
      const row = document.createElement('tr');
      const newest = last[index] ?? { ms: 0 };
      const { tasks, slowestTask, skew, hot } = newest;
      const meter = element('td', '', 'meter');
      meter.append(element('span', formatSpan(newest.ms)));
      meter.style.setProperty('--share', String(longest > 0 ? newest.ms / longest : 0));
      const leftOut = report.leftOut.map(
        (/** @type {[string, number]} */ [name, count]) => `${formatWhole(count)} ${name}`,
      );
      row.append(
        element('td', report.stage),
        element('td', formatWhole(report.in), 'number'),
        element('td', formatWhole(report.out), 'number'),
        element('td', formatCount(report.bytes), 'number'),
        element('td', `${Math.min(100, Math.round((100 * report.ms) / elapsed))}%`, 'number'),
        meter,
        element('td', tasks === undefined ? '' : formatWhole(tasks), 'number'),
        element('td', slowestTask === undefined ? '' : formatSpan(slowestTask), 'number'),
        element(
          'td',
          skew === undefined ? '' : `${skew.toFixed(1)}×`,
          `number ${(skew ?? 0) > 2 ? 'late' : ''}`,
        ),
        element('td', hot === undefined ? '' : String(hot), 'text'),
        element('td', leftOut.join(', '), leftOut.length > 0 ? 'late' : ''),
      );
      return row;
    }),
  );
}

/** The newest first. @param {any[]} batches */
export function drawBatches(batches) {
  const optional = (
    /** @type {number | undefined} */ value,
    /** @type {(value: number) => string} */ format,
  ) => (value === undefined ? '' : format(value));
  find('#batches tbody').replaceChildren(
    ...batches
      .slice(-shownBatches)
      .reverse()
      .map((batch) => {
        const row = document.createElement('tr');
        const interval = batch.from === undefined ? undefined : batch.to - batch.from;
        const isLate = (/** @type {number} */ value) =>
          interval !== undefined && value > interval ? 'number late' : 'number';
        row.append(
          element('td', formatWhole(batch.batch), 'number'),
          element('td', optional(batch.from, formatTime)),
          element('td', optional(batch.records, formatWhole), 'number'),
          element('td', formatWhole(batch.rows), 'number'),
          element('td', optional(batch.schedulingDelay, formatSpan), isLate(batch.schedulingDelay)),
          element('td', formatSpan(batch.processing), isLate(batch.processing)),
          element('td', optional(batch.totalDelay, formatSpan), isLate(batch.totalDelay)),
          element('td', optional(batch.watermark, formatTime)),
          element('td', batch.read, 'text'),
        );
        return row;
      }),
  );
}

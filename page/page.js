// The page of `emit --http`. What it shows comes as server-sent events, and is only ever set as text, never as HTML.

const mostBatches = 300;
const mostPoints = 60;
/** Rows of the table of batches. */
const shownBatches = 50;
const mostLines = 8;

/** @type {{ view?: any, batches: any[], points: any[], table?: any, shown?: any, sort?: { column: number, isUp: boolean }, isPaused: boolean }} */
const state = { batches: [], points: [], isPaused: false };
/** Which keys have which colour, so that a line keeps its own. @type {Map<string, number>} */
const colors = new Map();

/** @param {string} selector @param {ParentNode} [parent] @returns {any} */
const find = (selector, parent = document) => parent.querySelector(selector);

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
function svgElement(tag, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {string} tag @param {string} text @param {string} [className] */
function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** @param {number} count */
function formatCount(count) {
  if (Math.abs(count) < 1000) return String(Math.round(count * 10) / 10);
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}

/** @param {number} count */
const formatWhole = (count) => new Intl.NumberFormat('en').format(count);

/** @param {number} milliseconds */
function formatSpan(milliseconds) {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${Math.round(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} m`;
  return `${(seconds / 86_400).toFixed(1)} d`;
}

/** @param {number} time */
const formatTime = (time) =>
  new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '');

const charts = {
  inputRate: (/** @type {number} */ value) => `${formatCount(value)}/s`,
  schedulingDelay: formatSpan,
  processing: formatSpan,
  totalDelay: formatSpan,
};

function drawState() {
  const { view } = state;
  const pill = find('#state');
  if (!view) return;
  const [name, text] =
    view.end === 'ok'
      ? ['', 'the stream has ended']
      : view.end === 'failed'
        ? ['lost', 'the stream has failed']
        : isConnected
          ? view.isFallingBehind
            ? ['late', 'falling behind']
            : ['live', 'live']
          : ['lost', 'not reachable, trying again'];
  pill.className = `pill ${name}`;
  if (pill.textContent !== text) pill.textContent = text;
  const facts = [`running for ${formatSpan(view.now - view.startedAt)}`];
  if (view.newest) facts.push(`batch ${view.newest.batch}`);
  if (view.windows > 0) facts.push(`${formatWhole(view.windows)} windows`);
  facts.push(`${formatWhole(view.stages[0]?.out ?? 0)} records, ${formatCount(view.rate)}/s lately`);
  const { done, total, left } = view.progress ?? {};
  if (total)
    facts.push(
      `${Math.floor((100 * done) / total)}% of ${formatCount(total)}B${left ? `, ${formatSpan(left)} left` : ''}`,
    );
  if (view.watermarkLag !== undefined) facts.push(`watermark lag ${formatSpan(view.watermarkLag)}`);
  for (const [counter, count] of Object.entries(view.counters))
    facts.push(`${formatWhole(/** @type {number} */ (count))} ${counter}`);
  find('#facts').textContent = facts.join(' · ');
}

function drawTimelines() {
  const newest = state.batches.at(-1);
  const interval = newest?.from === undefined ? undefined : newest.to - newest.from;
  find('#interval').textContent = interval === undefined ? '' : `of an interval of ${formatSpan(interval)}`;
  for (const [name, format] of Object.entries(charts)) {
    const figure = find(`[data-chart=${name}]`);
    const values = state.batches.map((batch) => batch[name]);
    const last = newest?.[name];
    find('output', figure).textContent = last === undefined ? '–' : format(last);
    const labels = state.batches.map(({ batch }) => `batch ${batch}`);
    const limit = name === 'processing' || name === 'totalDelay' ? interval : undefined;
    drawChart(find('svg', figure), [{ values, color: 'var(--accent)', name: '' }], labels, {
      format,
      limit,
      isArea: true,
    });
  }
}

/**
 * @param {SVGSVGElement} svg
 * @param {{ values: (number | undefined)[], color: string, name: string }[]} lines
 * @param {string[]} labels
 * @param {{ format: (value: number) => string, limit?: number | undefined, isArea?: boolean }} options
 */
function drawChart(svg, lines, labels, { format, limit, isArea }) {
  const { clientWidth: width, clientHeight: height } = svg;
  svg.replaceChildren();
  if (width === 0) return;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const count = labels.length;
  const known = lines.flatMap(({ values }) =>
    values.filter((value) => value !== undefined && value !== null),
  );
  const most = Math.max(...known, 0);
  const high = most || 1;
  // A limit that is far away would press the line flat.
  const top = limit !== undefined && limit <= 4 * high ? Math.max(high, limit) : high;
  const low = Math.min(...known, 0);
  const xOf = (/** @type {number} */ index) => (count > 1 ? (index * width) / (count - 1) : width);
  // Room for the scale above and the labels below.
  const yOf = (/** @type {number} */ value) => 14 + ((height - 32) * (top - value)) / (top - low);
  svg.append(svgElement('line', { class: 'axis', x1: 0, x2: width, y1: yOf(0), y2: yOf(0) }));
  if (limit !== undefined && limit <= top)
    svg.append(svgElement('line', { class: 'limit', x1: 0, x2: width, y1: yOf(limit), y2: yOf(limit) }));
  for (const { values, color } of lines) {
    for (const run of runsOf(values)) {
      const points = run.map(([index, value]) => `${xOf(index).toFixed(1)},${yOf(value).toFixed(1)}`);
      const [first, last] = [run[0], run.at(-1)];
      if (!first || !last) continue;
      if (isArea)
        svg.append(
          svgElement('path', {
            class: 'area',
            d: `M${xOf(first[0])},${yOf(0)}L${points.join('L')}L${xOf(last[0])},${yOf(0)}Z`,
          }),
        );
      const path = svgElement('path', {
        class: 'stroke',
        d: `M${points.join('L')}${run.length === 1 ? 'h0.1' : ''}`,
      });
      /** @type {SVGElement} */ (path).style.stroke = color;
      svg.append(path);
    }
  }
  if (most > 0) svg.append(svgElement('text', { x: 0, y: 10 }, format(top)));
  svg.onmousemove = (event) => showTip(event, svg, lines, labels, format, xOf);
  svg.onmouseleave = () => (find('#tip').hidden = true);
  const [first, last] = [labels[0], labels.at(-1)];
  if (first === undefined || last === undefined || count < 2) return;
  svg.append(svgElement('text', { x: 0, y: height }, first));
  svg.append(svgElement('text', { x: width, y: height, 'text-anchor': 'end' }, last));
}

/** Runs of values that are there. @param {(number | undefined)[]} values @returns {[number, number][][]} */
function runsOf(values) {
  /** @type {[number, number][][]} */
  const runs = [];
  let isOpen = false;
  for (const [index, value] of values.entries()) {
    const isThere = value !== undefined && value !== null;
    if (isThere && !isOpen) runs.push([]);
    if (isThere) runs.at(-1)?.push([index, value]);
    isOpen = isThere;
  }
  return runs;
}

/**
 * @param {MouseEvent} event @param {SVGSVGElement} svg
 * @param {{ values: (number | undefined)[], name: string }[]} lines @param {string[]} labels
 * @param {(value: number) => string} format @param {(index: number) => number} xOf
 */
function showTip(event, svg, lines, labels, format, xOf) {
  const tip = find('#tip');
  const { left, width, height } = svg.getBoundingClientRect();
  const index = Math.round(((event.clientX - left) / width) * (labels.length - 1));
  if (labels[index] === undefined) return;
  find('.cursor', svg)?.remove();
  svg.append(svgElement('line', { class: 'cursor', x1: xOf(index), x2: xOf(index), y1: 0, y2: height }));
  const said = lines.flatMap(({ values, name }) => {
    const value = values[index];
    return value === undefined || value === null ? [] : [`${name ? `${name}  ` : ''}${format(value)}`];
  });
  tip.textContent = [labels[index], ...said].join('\n');
  tip.hidden = false;
  const isRight = event.clientX > window.innerWidth / 2;
  tip.style.left = `${event.clientX + (isRight ? -12 - tip.offsetWidth : 12)}px`;
  tip.style.top = `${event.clientY + 12}px`;
}

/** The newest keys that are largest, each with a colour that it keeps. */
function drawnKeys() {
  const newest = state.points.at(-1)?.values ?? [];
  const keys = newest.slice(0, mostLines).map((/** @type {[string, number]} */ [key]) => key);
  for (const key of colors.keys()) if (!keys.includes(key)) colors.delete(key);
  const free = Array.from({ length: mostLines }, (_, index) => index).filter(
    (index) => ![...colors.values()].includes(index),
  );
  for (const key of keys) if (!colors.has(key)) colors.set(key, free.shift() ?? 0);
  return keys;
}

const colorOf = (/** @type {string} */ key) => `var(--series-${colors.get(key)})`;

function drawLines() {
  const keys = drawnKeys();
  find('#lines').hidden = state.points.length < 2 || keys.length === 0;
  const maps = state.points.map(({ values }) => new Map(values));
  const lines = keys.map((/** @type {string} */ key) => ({
    name: key,
    color: colorOf(key),
    values: maps.map((map) => map.get(key)),
  }));
  drawChart(
    find('#lines svg'),
    lines,
    state.points.map(({ label }) => label),
    { format: formatCount },
  );
  find('#legend').replaceChildren(
    ...keys.map((/** @type {string} */ key) => {
      const item = element('li', key === '' ? state.table.value : key);
      item.style.setProperty('--color', colorOf(key));
      return item;
    }),
  );
}

function drawTable() {
  const table = state.shown;
  if (!table) return;
  const { columns, rows, value, heading, left } = table;
  find('#heading').textContent = heading;
  const head = document.createElement('tr');
  for (const [index, { name, isNumber }] of columns.entries()) {
    const th = element('th', '', isNumber && name !== value ? 'number' : '');
    th.setAttribute('scope', 'col');
    const button = element('button', name);
    button.onclick = () => sortBy(index, isNumber);
    th.append(button);
    if (state.sort?.column === index)
      th.setAttribute('aria-sort', state.sort.isUp ? 'ascending' : 'descending');
    head.append(th);
  }
  find('#table thead').replaceChildren(head);
  const at = columns.findIndex((/** @type {any} */ { name }) => name === value);
  const most = Math.max(
    ...rows.map((/** @type {any} */ { cells }) => Number(cells[at])).filter(Number.isFinite),
    0,
  );
  find('#table tbody').replaceChildren(
    ...ordered(filtered(rows), columns).map((/** @type {any} */ { cells, key }) => {
      const row = document.createElement('tr');
      for (const [index, text] of cells.entries()) {
        if (index !== at) {
          row.append(element('td', text, columns[index].isNumber ? 'number' : 'text'));
          continue;
        }
        const cell = element('td', '', 'meter');
        cell.append(element('span', text));
        cell.style.setProperty('--share', String(most > 0 ? Math.max(0, Number(text) / most) : 0));
        cell.style.setProperty('--color', colors.has(key) ? colorOf(key) : 'var(--quiet)');
        row.append(cell);
      }
      return row;
    }),
  );
  find('#left').textContent =
    left > 0 ? `and ${formatWhole(left)} more rows` : rows.length === 0 ? 'no rows' : '';
}

/** @param {any[]} rows */
function filtered(rows) {
  const wanted = find('#filter').value.toLowerCase();
  return rows.filter(({ cells }) =>
    cells.some((/** @type {string} */ text) => text.toLowerCase().includes(wanted)),
  );
}

/** @param {any[]} rows @param {any[]} columns */
function ordered(rows, columns) {
  const { sort } = state;
  if (!sort || !columns[sort.column]) return rows;
  const { column, isUp } = sort;
  const compare = columns[column].isNumber
    ? (/** @type {any} */ one, /** @type {any} */ other) =>
        Number(one.cells[column]) - Number(other.cells[column])
    : (/** @type {any} */ one, /** @type {any} */ other) =>
        one.cells[column] < other.cells[column] ? -1 : 1;
  return rows.toSorted((one, other) => (isUp ? 1 : -1) * compare(one, other));
}

/** First as one looks for it: numbers from the largest, text from A; then the other way; then as it comes. */
function sortBy(/** @type {number} */ column, /** @type {boolean} */ isNumber) {
  const first = !isNumber;
  if (state.sort?.column !== column) state.sort = { column, isUp: first };
  else if (state.sort.isUp === first) state.sort = { column, isUp: !first };
  else delete state.sort;
  drawTable();
}

function drawStages() {
  const { view } = state;
  if (!view) return;
  const last = view.newest?.stages ?? [];
  const longest = Math.max(...last.map((/** @type {any} */ { ms }) => ms), 0);
  const elapsed = Math.max(1, view.now - view.startedAt);
  const usual = new Set([
    'stage',
    'in',
    'out',
    'bytes',
    'ms',
    'done',
    'total',
    'terminal',
    'tasks',
    'taskMs',
    'slowestTask',
  ]);
  find('#stages tbody').replaceChildren(
    ...view.stages.map((/** @type {any} */ report, /** @type {number} */ index) => {
      const row = document.createElement('tr');
      const newest = last[index] ?? { ms: 0 };
      const { tasks, taskMs, slowestTask } = newest;
      const skew = tasks > 1 && taskMs > 0 ? (slowestTask * tasks) / taskMs : undefined;
      const meter = element('td', '', 'meter');
      meter.append(element('span', formatSpan(newest.ms)));
      meter.style.setProperty('--share', String(longest > 0 ? newest.ms / longest : 0));
      const leftOut = Object.entries(report).filter(([name]) => !usual.has(name));
      row.append(
        element('td', report.stage),
        element('td', formatWhole(report.in), 'number'),
        element('td', formatWhole(report.out), 'number'),
        element('td', formatCount(report.bytes), 'number'),
        element('td', `${Math.min(100, Math.round((100 * report.ms) / elapsed))}%`, 'number'),
        meter,
        element('td', tasks === undefined ? '' : formatWhole(tasks), 'number'),
        element('td', slowestTask === undefined ? '' : formatSpan(slowestTask), 'number'),
        element('td', skew === undefined ? '' : `${skew.toFixed(1)}×`, `number ${skew > 2 ? 'late' : ''}`),
        element(
          'td',
          leftOut.map(([name, count]) => `${formatWhole(/** @type {number} */ (count))} ${name}`).join(', '),
          leftOut.length > 0 ? 'late' : '',
        ),
      );
      return row;
    }),
  );
}

function drawBatches() {
  const optional = (
    /** @type {number | undefined} */ value,
    /** @type {(value: number) => string} */ format,
  ) => (value === undefined ? '' : format(value));
  find('#batches tbody').replaceChildren(
    ...state.batches
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
          element('td', formatWhole(batch.records), 'number'),
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

let isAsked = false;

function draw() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    drawTimelines();
    drawLines();
    drawTable();
    drawStages();
    drawBatches();
    drawState();
    document.documentElement.dataset['drawn'] = String(state.view?.batches ?? 0);
  });
}

/** @param {any} news @param {boolean} isWhole */
function take(news, isWhole) {
  if (isWhole) Object.assign(state, { batches: [], points: [] });
  state.view = news.view;
  state.batches = [...state.batches, ...news.batches].slice(-mostBatches);
  for (const point of news.points) {
    // A window that is told again, as it fills.
    if (state.points.at(-1)?.label === point.label) state.points.pop();
    state.points.push(point);
  }
  state.points = state.points.slice(-mostPoints);
  if (news.table) state.table = news.table;
  if (!state.isPaused) state.shown = state.table;
  draw();
}

let isConnected = false;
const events = new EventSource('events');
events.addEventListener('open', () => {
  isConnected = true;
  drawState();
});
events.addEventListener('error', () => {
  isConnected = false;
  drawState();
});
events.addEventListener('whole', (event) => take(JSON.parse(event.data), true));
events.addEventListener('update', (event) => take(JSON.parse(event.data), false));
// Without this the browser would try again and again.
events.addEventListener('over', () => events.close());

find('#filter').addEventListener('input', drawTable);
find('#pause').addEventListener('click', () => {
  state.isPaused = !state.isPaused;
  find('#pause').setAttribute('aria-pressed', String(state.isPaused));
  if (!state.isPaused) state.shown = state.table;
  drawTable();
});
new ResizeObserver(draw).observe(document.body);

// The page of `emit --http`. What it shows comes as server-sent events; the build makes one file of it and what it imports.
import { drawChart } from './chart.js';
import { element, find } from './elements.js';
import { formatCount, formatSpan, formatWhole } from './format.js';
import { drawBatches, drawStages } from './tables.js';

const mostBatches = 300;
const mostPoints = 60;
const mostLines = 8;

/** @type {{ view?: any, batches: any[], points: any[], table?: any, shown?: any, sort?: { column: number, isUp: boolean }, isPaused: boolean }} */
const state = { batches: [], points: [], isPaused: false };
/** Which keys have which colour, so that a line keeps its own. @type {Map<string, number>} */
const colors = new Map();

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
  facts.push(
    view.records === undefined
      ? `${formatCount(view.rate)}B/s lately`
      : `${formatWhole(view.records)} records, ${formatCount(view.rate)}/s lately`,
  );
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
  const { sort } = state;
  const head = document.createElement('tr');
  for (const [index, { name, isNumber }] of columns.entries()) {
    const th = element('th', '', isNumber && name !== value ? 'number' : '');
    th.setAttribute('scope', 'col');
    const button = element('button', name);
    button.onclick = () => sortBy(index, isNumber);
    th.append(button);
    if (sort && sort.column === index) th.setAttribute('aria-sort', sort.isUp ? 'ascending' : 'descending');
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

let isAsked = false;

function draw() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    drawTimelines();
    drawLines();
    drawTable();
    drawStages(state.view);
    drawBatches(state.batches);
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

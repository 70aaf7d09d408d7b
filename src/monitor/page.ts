// `--http`: a page about the stream, by server-sent events. It is one file, which the build and this make of those in
// monitor/page/, and loads nothing else.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Offsets, Position } from '../envelope/envelope.ts';
import { cellsOf } from '../emit/formats/cells.ts';
import type { TableHead } from '../emit/formats/format.ts';
import { headingOf, shortened } from '../emit/formats/table.ts';
import type { Rows } from '../emit/rows.ts';
import { packagePath } from '../package.ts';
import { countersOf } from '../stage/reporting.ts';
import { History, type KeyedRow } from './history.ts';
import type { Outlet } from './monitor.ts';
import { skewOf, type BatchView, type Pipeline } from './pipeline.ts';
import type { Route } from './server.ts';

/** Milliseconds between two updates: more than four a second nobody can read. */
const updateMilliseconds = 250;
/** Rows of a table that the page shows, keys of a point in its chart, and points of that. */
const mostRows = 200;
const mostKeys = 20;
const mostPoints = 60;
/** Readers at once, and bytes that one may be behind: it gets all anew once it has caught up. */
const mostReaders = 32;
const mostBehind = 1024 * 1024;

type Point = { readonly label: string; readonly values: readonly (readonly [string, number])[] };

export class Page implements Outlet {
  readonly #pipeline: Pipeline;
  readonly #history = new History();
  readonly #sort: string | undefined;
  readonly #readers = new Map<ServerResponse, { isBehind: boolean }>();
  readonly #timer: NodeJS.Timeout;
  #building: string[] = [];
  #rowCount = 0;
  #table: object | undefined;
  #points: Point[] = [];
  /** Not told yet. */
  #news: { batches: BatchView[]; points: Point[]; table: object | undefined } | undefined;

  constructor(pipeline: Pipeline, sort: string | undefined) {
    this.#pipeline = pipeline;
    this.#sort = sort;
    this.#timer = setInterval(() => this.#tell(), updateMilliseconds).unref();
  }

  get routes(): Record<string, Route> {
    const { html, policy } = pageFile();
    return {
      '/': (_request, response) => {
        const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy };
        response.writeHead(200, { ...headers, 'Referrer-Policy': 'no-referrer' }).end(html);
      },
      '/events': (_request, response) => this.#admit(response),
    };
  }

  table(rows: Rows, head: TableHead, isFirst: boolean, isLast: boolean): void {
    if (isFirst) {
      this.#building = [];
      this.#rowCount = 0;
    }
    for (const texts of this.#building.length < mostRows ? rows.texts() : [])
      this.#building.push(...texts.slice(0, mostRows - this.#building.length));
    this.#rowCount += rows.count;
    if (!isLast) return;
    const keyed = this.#history.add(head, this.#building, this.#sort);
    this.#table = tableOf(head, keyed, this.#rowCount - keyed.length, this.#history.columns?.value);
    const point = { label: headingOf(head), values: this.#history.largest(mostKeys) };
    this.#points = [...this.#points.filter(({ label }) => label !== point.label), point].slice(-mostPoints);
    const news = this.#open();
    news.table = this.#table;
    news.points.push(point);
  }

  report(batch: BatchView | undefined): void {
    const news = this.#open();
    if (batch) news.batches.push(batch);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#open();
    this.#tell();
    for (const response of this.#readers.keys()) response.end('event: over\ndata: {}\n\n');
  }

  #open() {
    return (this.#news ??= { batches: [], points: [], table: undefined });
  }

  #admit(response: ServerResponse): void {
    if (this.#readers.size >= mostReaders) {
      response.writeHead(503, { 'Retry-After': '5' }).end('there are too many readers already\n');
      return;
    }
    // To the others first, so that nothing is left which this one would get twice.
    this.#tell();
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    this.#readers.set(response, { isBehind: false });
    response.on('close', () => this.#readers.delete(response));
    response.write(`retry: 2000\n\n${this.#whole()}`);
  }

  /** Who reads slowly is passed over, and gets all anew later: what waits for all readers is bounded. */
  #tell(): void {
    const news = this.#news;
    this.#news = undefined;
    if (this.#readers.size === 0) return;
    const update =
      news && eventOf('update', { ...news, batches: news.batches.map(forPage), view: this.#view() });
    let whole: string | undefined;
    for (const [response, reader] of this.#readers) {
      if (response.writableLength > mostBehind) reader.isBehind = true;
      else if (reader.isBehind) {
        response.write((whole ??= this.#whole()));
        reader.isBehind = false;
      } else if (update) response.write(update);
    }
  }

  #whole(): string {
    const batches = this.#pipeline.batches.map(forPage);
    return eventOf('whole', { view: this.#view(), batches, points: this.#points, table: this.#table });
  }

  #view(): object {
    const { newest, stages, ...view } = this.#pipeline.view(Date.now());
    const told = stages.map((report) => Object.assign({ leftOut: countersOf(report) }, report));
    return { ...view, stages: told, ...(newest && { newest: forPage(newest) }) };
  }
}

function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function forPage({ offsets, ...batch }: BatchView): object {
  const stages = batch.stages.map((report) => Object.assign({ skew: skewOf(report) }, report));
  return { ...batch, stages, read: offsets ? offsetsText(offsets) : bytesText(batch.stages[0]?.done) };
}

function offsetsText(offsets: Offsets): string {
  return Object.entries(offsets)
    .map(([source, { from, until }]) => `${source} ${placeText(from)} to ${placeText(until)}`)
    .join(', ');
}

function placeText({ offset, skip = 0 }: Position): string {
  return skip > 0 ? `${offset}+${skip}` : String(offset);
}

function bytesText(done: number | undefined): string {
  return done === undefined ? '' : `up to byte ${done}`;
}

function tableOf(
  head: TableHead,
  rows: readonly KeyedRow[],
  left: number,
  value: string | undefined,
): object {
  const names = [...new Set(rows.flatMap(({ members }) => members.map(([name]) => name)))];
  const byRow = rows.map(({ members }) => new Map(members));
  const cells = rows.map(({ members }) => shortened(cellsOf(members)));
  const columns = names.map((name) => ({
    name,
    isNumber: byRow.every((row) => ['number', 'bigint', 'undefined'].includes(typeof row.get(name))),
  }));
  return {
    heading: headingOf(head),
    columns,
    value,
    left,
    rows: rows.map(({ key }, index) => ({
      key,
      cells: names.map((name) => cells[index]?.get(name)?.text ?? ''),
    })),
  };
}

/** The page as one file, and the policy that lets nothing run but what is in it. */
function pageFile(): { html: string; policy: string } {
  const [html, css, js] = ['index.html', 'page.css', 'page.js'].map((name) =>
    readFileSync(packagePath(`dist/page/${name}`), 'utf8'),
  ) as [string, string, string];
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return {
    // Functions, since `$&` in a text that takes the place of another means something.
    html: html
      .replace('<style></style>', () => `<style>${css}</style>`)
      .replace('<script type="module"></script>', () => `<script type="module">${js}</script>`),
    policy: [
      "default-src 'none'",
      `script-src ${hash(js)}`,
      `style-src ${hash(css)}`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

// Rows → requests. A batch that is tried again, or made again by a later run, has the same Idempotency-Key, so that a server
// that heeds it takes each batch once.
import { randomUUID } from 'node:crypto';
import type { StageReport } from '../../../envelope/envelope.ts';
import type { ReportHead } from '../../../monitor/pipeline.ts';
import { messageOf, SluiceError } from '../../../errors.ts';
import { tryUntilItWorks } from '../../../persist.ts';
import type { Resumption } from '../../../stage/committing.ts';
import type { TableWriter } from '../../emit.ts';
import type { TableHead } from '../../formats/format.ts';
import { ndjsonRows } from '../../formats/ndjson.ts';
import type { Rows } from '../../rows.ts';
import type { Status } from '../../terminal/status.ts';

export type Posting = {
  readonly url: string;
  /** One JSON list rather than a row a line. */
  readonly isList: boolean;
  readonly token: string | undefined;
  /** How long to go on trying, in milliseconds. */
  readonly patience: number;
  readonly status: Status | undefined;
};

/** Characters of a request, about; a table of more is several. */
const mostOfBody = 4 * 1024 * 1024;
/** How long a server may take for an answer, in milliseconds. */
const longestAnswer = 30_000;

/** What a server said, where it is not that all is well. */
class Refusal extends Error {
  readonly status: number;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter: number | undefined) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class HttpWriter implements TableWriter {
  readonly #posting: Posting;
  /** Tells this run, or this job, from others. */
  #sender: string = randomUUID();
  #rows: string[] = [];
  #length = 0;
  /** Of the batch that comes: how many requests it has had. */
  #batch: number | undefined;
  #requests = 0;
  #isBroken = false;

  constructor(posting: Posting) {
    this.#posting = posting;
  }

  async write(rows: Rows, head: TableHead, _isFirst: boolean, isLast: boolean): Promise<void> {
    for (const texts of rows.texts()) {
      for (const row of ndjsonRows(texts, head)) {
        this.#rows.push(row);
        this.#length += row.length + 1;
      }
      if (this.#length > mostOfBody) await this.#post(head.batch);
    }
    if (isLast && !this.#isBroken && this.#rows.length > 0) await this.#post(head.batch);
  }

  async #post(batch: number | undefined): Promise<void> {
    if (batch === undefined || batch !== this.#batch)
      this.#requests = batch === undefined ? this.#requests : 0;
    this.#batch = batch;
    this.#requests += 1;
    const { isList, url, patience, token } = this.#posting;
    const body = isList ? `[${this.#rows.join(',')}]` : `${this.#rows.join('\n')}\n`;
    const headers = {
      'content-type': isList ? 'application/json' : 'application/x-ndjson',
      'idempotency-key': `${this.#sender}-${batch ?? 'rows'}-${this.#requests}`,
      'user-agent': 'sluice',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    await tryUntilItWorks(
      {
        patience: () => patience,
        isPassing: (error) =>
          !(error instanceof Refusal) || error.status >= 500 || [408, 425, 429].includes(error.status),
        pauseAfter: (error) => (error instanceof Refusal ? error.retryAfter : undefined),
        problem: (error) => problemOf(url, error),
      },
      () => request(url, headers, body),
    );
    this.#rows = [];
    this.#length = 0;
  }

  report(stages: readonly StageReport[], head: ReportHead): void {
    this.#posting.status?.update(stages, head);
  }

  /** What is not complete is not sent. */
  breakOff(): void {
    this.#isBroken = true;
  }

  async resume({ job, committed }: Resumption): Promise<number | undefined> {
    this.#sender = job;
    return committed;
  }

  close(): void {
    this.#posting.status?.close();
  }
}

/** Throws Refusal, or why there is no answer. */
async function request(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  const signal = AbortSignal.timeout(longestAnswer);
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  const said = await answer.text().catch(() => '');
  if (answer.ok) return;
  const moved = answer.headers.get('location');
  const why = moved === null ? said.trim().replaceAll(/\s+/g, ' ').slice(0, 200) : `it is at ${moved}`;
  const summary = `${answer.status} ${answer.statusText}`.trim();
  throw new Refusal(
    answer.status,
    why === '' ? summary : `${summary}: ${why}`,
    pauseIn(answer.headers.get('retry-after')),
  );
}

/** Seconds, or a date. */
function pauseIn(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const pause = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

function problemOf(url: string, error: unknown): SluiceError {
  if (!(error instanceof Refusal)) {
    // What fetch throws says nothing; its cause does.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return new SluiceError(
      'unavailable',
      `cannot reach ${url}: ${messageOf(cause)}`,
      'is it running, and is the address right?',
      error,
    );
  }
  const { status, message } = error;
  if (status === 401 || status === 403)
    return new SluiceError(
      'noPermission',
      `${url} does not let us in: ${message}`,
      'a token is taken from --token-file FILE or SLUICE_HTTP_TOKEN',
      error,
    );
  const isTheirs = status >= 500 || status < 400 || [404, 405, 408, 410, 425, 429].includes(status);
  return new SluiceError(
    isTheirs ? 'unavailable' : 'badData',
    `${url} does not take the rows: ${message}`,
    undefined,
    error,
  );
}

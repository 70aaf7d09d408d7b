// A headless Chromium, driven through its devtools protocol over a pipe.
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { until } from './processes.ts';
import { newFolder } from './temporary.ts';

type Answer = {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { message: string };
};
type Message = Answer & { readonly method?: string; readonly params?: Record<string, unknown> };

export class Browser {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #session: string | undefined;
  #id = 0;
  /** What pages logged as errors: exceptions, and what the policy of a page refused. */
  readonly errors: string[] = [];
  /** The address of everything that was asked for. */
  readonly requests: string[] = [];

  static async open(columns = 1400, rows = 1400): Promise<Browser> {
    const browser = new Browser(columns, rows);
    const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#send('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.#send(`${domain}.enable`);
    return browser;
  }

  private constructor(columns: number, rows: number) {
    this.#folder = newFolder();
    const switches = [
      '--headless=new',
      '--remote-debugging-pipe',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--hide-scrollbars',
      `--window-size=${columns},${rows}`,
      `--user-data-dir=${this.#folder}`,
    ];
    this.#process = spawn('chromium', switches, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    let rest = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  async show(url: string): Promise<void> {
    await this.#send('Page.navigate', { url });
  }

  async inDark(): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: 'dark' }];
    await this.#send('Emulation.setEmulatedMedia', { features });
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: Value }).value;
  }

  /** The value of `expression` once `fits` it. */
  async shows<Value>(expression: string, fits: (value: Value) => boolean): Promise<Value> {
    return until(expression, async () => {
      const value = await this.evaluate<Value>(expression);
      return fits(value) ? value : undefined;
    });
  }

  /** PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#session = undefined;
    void this.#send('Browser.close').catch(() => undefined);
    await gone;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    const message = { id, method, params, ...(this.#session && { sessionId: this.#session }) };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
    const { method, params = {} } = message;
    if (method === 'Runtime.exceptionThrown') this.errors.push(JSON.stringify(params));
    if (method === 'Log.entryAdded') {
      const { level, text } = params['entry'] as { level: string; text: string };
      if (level === 'error') this.errors.push(text);
    }
    if (method === 'Network.requestWillBeSent')
      this.requests.push((params['request'] as { url: string }).url);
  }
}

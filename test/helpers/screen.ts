// A terminal of 80×24, as small as it can be: it draws what a program sends and throws on any control sequence that
// sluice has no business sending. What the data holds must never reach it as one.

export class Screen {
  readonly rows: string[][] = [[]];
  /** The most rows that were ever in use: more than the screen has means that it scrolled. */
  mostRows = 1;
  mostColumns = 0;
  hasColor = false;
  isCursorHidden = false;
  /** How often the cursor went up to draw over what was there. */
  redraws = 0;
  #row = 0;
  #column = 0;

  get text(): string {
    return this.rows
      .map((row) =>
        Array.from(row, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  write(output: string): void {
    const token = /\u001b\[([?\d;]*)([A-Za-z])|[^]/gu;
    for (const [text, parameters, command] of output.matchAll(token)) {
      if (command !== undefined) this.#control(command, parameters ?? '');
      else if (text === '\r') this.#column = 0;
      else if (text === '\t') this.#column = 8 * Math.floor(this.#column / 8 + 1);
      else if (text === '\n') this.#moveTo(this.#row + 1);
      else if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text))
        throw new Error(`the terminal was sent ${JSON.stringify(text)}, behind ${JSON.stringify(this.text)}`);
      else this.#put(text);
    }
  }

  #control(command: string, parameters: string): void {
    const count = parameters === '' ? 1 : Number(parameters);
    if (command === 'm') this.hasColor ||= !['', '0'].includes(parameters);
    else if (command === 'A') {
      this.redraws += 1;
      this.#moveTo(this.#row - count);
    } else if (command === 'B') this.#moveTo(this.#row + count);
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'K') this.#eraseLine(parameters);
    else if (command === 'J' && ['', '0'].includes(parameters)) this.#eraseBelow();
    else if (parameters === '?25') this.isCursorHidden = command === 'l';
    // Synchronised output: what is between is shown at once.
    else if (parameters !== '?2026') throw new Error(`the terminal was sent CSI ${parameters}${command}`);
  }

  #eraseLine(parameters: string): void {
    const row = this.rows[this.#row] ?? [];
    if (parameters === '2') row.length = 0;
    else if (parameters === '' || parameters === '0') row.length = Math.min(row.length, this.#column);
    else throw new Error(`the terminal was sent CSI ${parameters}K`);
  }

  #eraseBelow(): void {
    this.rows.length = this.#row + 1;
    this.#eraseLine('');
  }

  #moveTo(row: number): void {
    if (row < 0) throw new Error('the cursor left the top of the screen');
    this.#row = row;
    while (this.rows.length <= row) this.rows.push([]);
    this.mostRows = Math.max(this.mostRows, this.rows.length);
  }

  #put(text: string): void {
    const row = (this.rows[this.#row] ??= []);
    row[this.#column] = text;
    this.#column += 1;
    this.mostColumns = Math.max(this.mostColumns, this.#column);
  }
}

// The kernel as WebAssembly: loads the module and hands bytes in and out of its memory.
// The hot loops are in assembly/; here is nothing that runs once per record.

import { readFileSync } from 'node:fs';
import { stringifyJson, stringifyNumber, type Json } from '../envelope/json.ts';
import { packagePath } from '../package.ts';
import { placeLayout, placeTemplate } from './describe.ts';
import type {
  EncodedLines,
  EncodedValues,
  EncodeSettings,
  Kernel,
  LaidOutRows,
  Layout,
  LineTemplate,
  Table,
  TableSettings,
} from './kernel.ts';
import { Memory } from './memory.ts';
import type { Exports } from './memory.ts';
import { WasmTable } from './wasm-table.ts';

function compileKernel(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(packagePath('dist/kernel.wasm')));
}

export function createWasmKernel(): Kernel {
  return new WasmKernel(compileKernel());
}

/** As in envelope/json.ts: a whole number of 16 digits or more, alone or in a list or object. */
const longInteger = /(?:^|[[:,])\s*-?\d{16}/;

class WasmKernel implements Kernel {
  readonly kind = 'wasm';
  readonly #memory: Memory;
  #rounded = false;

  constructor(module: WebAssembly.Module) {
    const imports = {
      kernel: {
        outOfMemory: (bytes: number): never => {
          throw new RangeError(
            `The kernel's memory is full (${bytes >>> 0} more bytes wanted of 4 GiB); try --max-keys`,
          );
        },
        parseNumber: (at: number, length: number): number => Number(this.#numberText(at, length)),
        canonical: (at: number, length: number, to: number): number =>
          this.#memory.writeText(stringifyJson(JSON.parse(this.#numberText(at, length)) as Json), to),
        formatNumber: (value: number, to: number): number =>
          this.#memory.writeText(stringifyNumber(value), to),
      },
    };
    const exports = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
    this.#memory = new Memory(exports);
    // Nobody outside can foresee it, which is all that is asked here; node:crypto would take longer to load than the kernel.
    exports.setSeed(Math.random() * 2 ** 32, Math.random() * 2 ** 32);
  }

  takeRounded(): boolean {
    const rounded = this.#rounded;
    this.#rounded = false;
    return rounded;
  }

  /** Only numbers of more than 15 digits are read here, and values made of several. */
  #numberText(at: number, length: number): string {
    const text = this.#memory.text(at, length);
    this.#rounded ||= longInteger.test(text);
    return text;
  }

  input(length: number): Uint8Array {
    return this.#memory.inputArea(length);
  }

  encodeLines(lines: Uint8Array, settings: EncodeSettings): EncodedLines {
    const memory = this.#memory;
    const at = memory.place(lines);
    const out = memory.outputArea(settings.capacity);
    const most = Math.min(settings.most ?? Infinity, 0xffffffff);
    memory.exports.encodeLines(at, lines.length, out, settings.capacity, most, settings.following ? 1 : 0);
    const { records, consumed, produced, damaged } = memory.exports;
    return {
      bytes: memory.view(out, produced.value >>> 0),
      lines: records.value >>> 0,
      consumed: consumed.value >>> 0,
      damaged: damaged.value >>> 0,
    };
  }

  encodeValues(lines: Uint8Array): EncodedValues {
    const memory = this.#memory;
    const at = memory.place(lines);
    const out = memory.outputArea(lines.length);
    return this.#encoded(out, memory.exports.encodeValues(at, lines.length, out));
  }

  encodeTemplate(lines: Uint8Array, template: LineTemplate, capacity: number): EncodedValues {
    const memory = this.#memory;
    const described = placeTemplate(memory, template);
    const at = memory.place(lines);
    const out = memory.outputArea(capacity);
    return this.#encoded(out, memory.exports.encodeTemplate(described, at, lines.length, out, capacity));
  }

  #encoded(out: number, lines: number): EncodedValues {
    const { records, consumed, produced } = this.#memory.exports;
    return {
      bytes: this.#memory.view(out, produced.value >>> 0),
      values: records.value >>> 0,
      lines: lines >>> 0,
      consumed: consumed.value >>> 0,
    };
  }

  layOutRows(rows: Uint8Array, most: number, layout: Layout, opening: Uint8Array): LaidOutRows {
    const memory = this.#memory;
    const described = placeLayout(memory, layout);
    const { at, behind } = memory.placeTwo(rows, opening);
    const out = memory.outputArea(rows.length + most * (opening.length + 1));
    memory.exports.layOutRows(described, at, rows.length, behind, opening.length, most, out);
    const { records, consumed, produced } = memory.exports;
    return {
      bytes: memory.view(out, produced.value >>> 0),
      rows: records.value >>> 0,
      consumed: consumed.value >>> 0,
    };
  }

  createTable(settings: TableSettings = {}): Table {
    return new WasmTable(this.#memory, settings);
  }
}

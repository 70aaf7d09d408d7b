// The numbers of a table's groups as JSON, for what a stage holds between two runs.
import type { Json } from '../envelope/json.ts';
import { bytesToText, textToBytes } from '../kernel/bytes-text.ts';
import { decodeSketch, encodeSketch } from './aggregates/quantile-sketch.ts';
import type { ExportedNumbers } from './numbers.ts';

export function encodeNumbers({ counts, numbers, sketches }: ExportedNumbers): Json {
  return {
    counts: bytesToText(counts.slice().buffer),
    numbers: bytesToText(numbers.slice().buffer),
    sketches: sketches.map(([group, sketch]) => [group, encodeSketch(sketch)]),
  };
}

export function decodeNumbers(json: Json): ExportedNumbers {
  const { counts, numbers, sketches } = json as {
    counts: string;
    numbers: string;
    sketches: [number, Json][];
  };
  return {
    counts: new Uint32Array(textToBytes(counts)),
    numbers: new Float64Array(textToBytes(numbers)),
    sketches: sketches.map(([group, encoded]) => {
      const sketch = decodeSketch(encoded);
      if (!sketch) throw new TypeError('no sketch');
      return [group, sketch];
    }),
  };
}

// Maps as tests make them: from words as on a command line.
import { parsePlain } from '../../src/command/parse.ts';
import type { Executor } from '../../src/executor/executor.ts';
import type { Envelope } from '../../src/envelope/envelope.ts';
import { stringifyJson, type Json } from '../../src/envelope/json.ts';
import { mapCommand, type MapSettings } from '../../src/map/command.ts';
import { MapCore } from '../../src/map/map.ts';
import { stepsFrom } from '../../src/map/steps.ts';
import type { Command } from '../../src/command/command.ts';
import { failOnReject, type Rejects } from '../../src/stage/rejects.ts';
import { batch, recordsOf, runAll } from './envelopes.ts';

type Options = {
  readonly rejects?: Rejects;
  readonly taskTimeout?: number;
  readonly partSize?: number;
  /** Does all parts, however small. */
  readonly executor?: Executor | undefined;
};

export async function makeMap(
  words: readonly string[],
  { rejects = failOnReject, taskTimeout = 60_000, partSize = 1024, executor }: Options = {},
): Promise<() => MapCore> {
  const invocation = parsePlain(mapCommand as unknown as Command, [...words]);
  if (!invocation) throw new Error('no plain command line');
  const settings = invocation.settings as MapSettings;
  // Steps that count do so from the beginning for each core.
  const made = await Promise.all(
    Array.from({ length: 4 }, () => stepsFrom(settings, invocation.order, taskTimeout)),
  );
  let next = 0;
  return () => {
    const steps = made[next++];
    if (!steps) throw new Error('there are no more of them');
    const options = { taskTimeout, partSize, stops: rejects.stops ?? false };
    const source = { settings, order: invocation.order, options };
    const workers = executor && { executor, source, worthTask: 0 };
    return new MapCore(steps, { rejects, taskTimeout, partSize, workers });
  };
}

export async function mapped(
  words: readonly string[],
  inputs: Iterable<Envelope>,
  options: Options = {},
): Promise<Envelope[]> {
  const make = await makeMap(words, options);
  return runAll(make(), inputs);
}

/** What becomes of some records in one batch. */
export async function recordsMapped(
  words: readonly string[],
  records: readonly Json[],
  options: Options = {},
): Promise<Json[]> {
  return recordsOf(await mapped(words, [batch(0, records)], options));
}

/** Rejects that are kept, as `place: reason`. */
export function keptRejects(): Rejects & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    reject: (record, place, reason) => void told.push(`${place}: ${reason}; ${stringifyJson(record)}`),
    takeCount: () => 0,
  };
}

import { availableParallelism } from 'node:os';
import type { StepOrder } from '../command/command.ts';
import { Executor } from '../executor/executor.ts';
import { executorSettings } from '../executor/options.ts';
import { RejectPolicy } from '../stage/rejects.ts';
import type { FilterStage } from '../stage/stage.ts';
import { shapeOf } from '../state/shape.ts';
import type { MapSettings } from './command.ts';
import { MapCore, type MapWorkers } from './map.ts';
import type { Step } from './step.ts';
import { inOrder, stepsFrom } from './steps.ts';

export async function mapStage(settings: MapSettings, order: StepOrder): Promise<FilterStage> {
  const rejects = new RejectPolicy('map', settings);
  const { taskTimeout, workers: count } = executorSettings(settings, usualWorkers());
  const steps = await stepsFrom(settings, order, taskTimeout);
  const { partSize } = settings;
  const options = { taskTimeout, partSize, stops: rejects.stops };
  const workers = count > 0 && isForWorkers(steps) ? workersFor(settings, order, options, count) : undefined;
  return {
    name: 'map',
    role: 'filter',
    shape: shapeFor(settings, order, steps),
    core: new MapCore(steps, { rejects, taskTimeout, partSize, workers }),
    closing: () => rejects.closing(),
  };
}

/** On two processors the stages of a pipe keep both busy; with four a function of a user is mostly what all others wait for. */
function usualWorkers(): number {
  const processors = availableParallelism();
  return processors < 4 ? 0 : Math.floor(processors / 2);
}

/** Steps that count go by the stream as a whole, and the others are done before a worker has its part. */
function isForWorkers(steps: readonly Step[]): boolean {
  return steps.some(({ isUserCode }) => isUserCode) && !steps.some(({ held }) => held);
}

function workersFor(
  settings: MapSettings,
  order: StepOrder,
  options: MapWorkers['source']['options'],
  workers: number,
): MapWorkers {
  // A part has as much time as its records have, each by itself; the worker stops those that take longer.
  const executor = new Executor({ workers, taskTimeout: longestTimeout });
  return { executor, source: { settings, order, options } };
}

/** The longest that a timer can wait. */
const longestTimeout = 2 ** 31 - 1;

/** What --limit and --sample have counted is of records that other steps have let pass. */
function shapeFor(settings: MapSettings, order: StepOrder, steps: readonly Step[]): string {
  if (!steps.some(({ held }) => held)) return '';
  const given = inOrder(settings, order).map(({ option, value }) => shapeOf([], { [option]: value }));
  const { module, sample, seed } = settings;
  return [...given, shapeOf([], { module, seed: sample.length > 0 ? seed : undefined })].join(' ').trim();
}

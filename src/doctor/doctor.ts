// `sluice doctor`: looks at everything that is there to be looked at, one after the other, and tells.
import { showControls } from '../emit/terminal/controls.ts';
import { exitCodes } from '../exit-codes.ts';
import type { DoctorSettings } from './command.ts';
import { checkState } from './folder.ts';
import type { Finding } from './finding.ts';
import { checkKernel, checkNode, checkTerminal } from './machine.ts';
import { checkService } from './services.ts';

/** Resolves to the exit code. Throws SluiceError('usage') where nobody knows what is meant. */
export async function doctor(settings: DoctorSettings, operands: readonly string[]): Promise<number> {
  const state = (settings.state ?? process.env['SLUICE_STATE']) || undefined;
  const checks: (() => Promise<Finding> | Finding)[] = [
    () => checkNode(),
    () => checkKernel(),
    () => checkTerminal(),
    ...(state === undefined ? [] : [() => checkState(state)]),
    ...operands.map((operand) => () => checkService(operand, settings)),
  ];
  let exitCode: number = exitCodes.ok.code;
  for (const check of checks) {
    const found = await check();
    process.stdout.write(textOf(found));
    if (exitCode === exitCodes.ok.code) exitCode = found.exitCode ?? exitCode;
  }
  return exitCode;
}

/** `ok   node      Node 20.19.0 …`, below it what to do. */
function textOf({ name, found, advice, exitCode }: Finding): string {
  const mark = exitCode === undefined ? (advice === undefined ? 'ok' : 'note') : 'BAD';
  const line = `${mark.padEnd(5)}${name.padEnd(10)}${showControls(found)}`;
  return `${line}\n${advice === undefined ? '' : `${' '.repeat(15)}→ ${showControls(advice)}\n`}`;
}

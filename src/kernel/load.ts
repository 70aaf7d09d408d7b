// Picks the kernel: WebAssembly, or its plain twin when SLUICE_KERNEL=ts asks for it.
import type { Kernel } from './kernel.ts';
import { createTwinKernel } from './twin.ts';
import { createWasmKernel } from './wasm.ts';

let shared: Kernel | undefined;

/** The one kernel of this thread, made when it is first needed. */
export function processKernel(): Kernel {
  return (shared ??= process.env['SLUICE_KERNEL'] === 'ts' ? createTwinKernel() : createWasmKernel());
}

/** Loads the package `onoff`, and says which part of it the driver uses. Only this file knows that package. */
import type { Level } from '../../../rig/ports.js';
import { loadPackage } from '../device.js';

/** One exported line. Its calls are synchronous and throw what the file system throws. */
export interface SysfsGpio {
  readSync(): Level;
  writeSync(level: Level): void;
  direction(): string;
  setDirection(direction: 'in' | 'high' | 'low'): void;
  activeLow(): boolean;
  edge(): string;
  /** Calls `listener` when an interrupt has been raised, with the level of a moment later. */
  watch(listener: (error: Error | null | undefined, level: Level) => void): void;
  unwatchAll(): void;
  /** Gives the line back; it keeps its direction. */
  unexport(): void;
}

/** Exports a line. An error is thrown only when the line was not exported before: read back what must hold. */
export type SysfsGpioClass = new (
  number: number,
  direction: 'in',
  edge: 'none' | 'both',
  options: { readonly activeLow: false; readonly reconfigureDirection: true },
) => SysfsGpio;

/** Rejects with `BENCH` when the package is missing. */
export async function loadOnoff(): Promise<SysfsGpioClass> {
  const { Gpio } = await loadPackage('onoff', () => import('onoff'));
  return Gpio;
}

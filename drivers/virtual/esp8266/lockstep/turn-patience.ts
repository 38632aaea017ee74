/**
 * Whether a turn that takes long is the device's fault. Where the machine stands still or is busy with other things, the
 * device's thread is not given the processor, and that is no fault of the firmware's.
 */

/** Of a wait that was in vain: who used the processor for so much of it had the time that it needed. */
const SHARE_OF_ITS_OWN = 0.5;
/** However little it was given: then something is wrong with the machine, and somebody should know. */
export const MOST_WAITS = 6;

export class TurnPatience {
  private readonly waitMs: number;
  private readonly usedMs: () => number;
  private usedBeforeMs: number | undefined;
  private waits = 0;

  /** `waitMs`: how long one wait is. `usedMs`: processor time of this process; while it waits, that is the device's. */
  constructor(waitMs: number, usedMs: () => number = processorMs) {
    this.waitMs = waitMs;
    this.usedMs = usedMs;
  }

  /** A turn begins. */
  reset(): void {
    this.usedBeforeMs = undefined;
    this.waits = 0;
  }

  /** A wait was in vain: true to wait once more. What was used in the first one is not known, so there are two at least. */
  readonly isLeft = (): boolean => {
    const nowMs = this.usedMs();
    const { usedBeforeMs } = this;
    this.usedBeforeMs = nowMs;
    this.waits += 1;
    if (this.waits >= MOST_WAITS) return false;
    return usedBeforeMs === undefined || nowMs - usedBeforeMs < SHARE_OF_ITS_OWN * this.waitMs;
  };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

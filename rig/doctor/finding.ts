/** What the doctor finds: one line for each device, and what to do next where something is wrong. */

/**
 * `ok`: it does what it says. `warning`: the bench works without it, but some runs cannot be judged.
 * `failed`: runs will fail for a reason that is not the device's. `skipped`: nothing could be tried.
 */
export type FindingStatus = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  /** A section of the bench file, or a part of the host. */
  readonly device: string;
  readonly status: FindingStatus;
  readonly text: string;
  /** What to do about it. */
  readonly next?: string;
}

export const ok = (device: string, text: string): Finding => ({ device, status: 'ok', text });
export const skipped = (device: string, text: string): Finding => ({ device, status: 'skipped', text });
export const failed = (device: string, text: string, next: string): Finding => ({
  device,
  status: 'failed',
  text,
  next,
});
export const warning = (device: string, text: string, next: string): Finding => ({
  device,
  status: 'warning',
  text,
  next,
});

/**
 * The use of a bench from its lock to its release: nobody else has it meanwhile, and what an earlier process left undone is
 * put right first.
 */

import { join } from 'node:path';
import type { PhysicalBenchFile } from '../../rig/bench-file/bench-file.js';
import { RigError } from '../../rig/errors.js';
import type { SystemClock } from '../../rig/time/system-clock.js';
import type { CommandRunner } from './command.js';
import type { PortContext } from './port-openers.js';
import { type BenchLock, takeBench } from './safety/bench-lock.js';
import type { BenchReservation } from './safety/bench-reservation.js';
import { type BenchUndoLog, openUndoLog } from './safety/undo-log.js';

/** Folders that outlive a process: `stateFolder` and `lockFolder` in `safety/` have the usual ones. */
export interface SafetyFolders {
  /** For what is to be undone. */
  readonly state: string;
  readonly locks: string;
}

export interface SessionOptions {
  readonly file: PhysicalBenchFile;
  readonly clock: SystemClock;
  readonly run: CommandRunner;
  readonly folders: SafetyFolders;
  /** What uses the bench, for whoever finds it taken: `rig run steady`. */
  readonly command: string;
  /** When that began, for the same reader. */
  readonly since: string;
  readonly passphrase: string | undefined;
  /** Of a command with several uses for the bench; without it the bench is taken for this one. */
  readonly reservation?: BenchReservation | undefined;
  /**
   * `everything`: whatever earlier processes left is undone. `after a crash`: only what a process left that was
   * killed; what was set by hand stays.
   */
  readonly undo: 'everything' | 'after a crash';
  /** Told what an earlier process left, and that it was put right. */
  readonly note: (text: string) => void;
}

export interface BenchSession {
  readonly context: PortContext;
  /** The process that had the bench before was killed. */
  readonly isAbandoned: boolean;
  /** Undoes what is left over of one section; for hand commands that put something right. Rejects with `BENCH`. */
  undoLeftOver(section: keyof PortContext['undo']): Promise<void>;
  /** Lets others use the bench. May be called twice. */
  close(): Promise<void>;
}

/** Rejects with `BENCH` when another process has the bench, or what an earlier one left cannot be put right. */
export async function beginSession(options: SessionOptions): Promise<BenchSession> {
  const { file, folders, command, since } = options;
  const place = { bench: file.name, folder: folders.locks, command, since };
  const lock = await (options.reservation?.nextUse(place) ?? takeBench(place));
  try {
    return await openSession(options, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openSession(options: SessionOptions, lock: BenchLock): Promise<BenchSession> {
  const { clock, run, passphrase, note } = options;
  if (lock.abandonedBy !== undefined) {
    note(`${lock.abandonedBy} had this bench and was killed before it made it safe.`);
  }
  const power = await openLog(options, 'power');
  const accessPoint = await openLog(options, 'access-point');
  const undoLeftOver = (log: BenchUndoLog) => putRight(log, note);
  if (options.undo === 'everything' || lock.abandonedBy !== undefined) {
    await undoLeftOver(accessPoint);
    await undoLeftOver(power);
  }
  return {
    isAbandoned: lock.abandonedBy !== undefined,
    context: { clock, run, passphrase, undo: { power, accessPoint } },
    undoLeftOver: (section) => undoLeftOver(section === 'power' ? power : accessPoint),
    close: () => lock.release(),
  };
}

/** A log for each section: by hand, one may be put right while the other stays as it was set. */
const openLog = ({ file, folders, run, clock }: SessionOptions, section: string): Promise<BenchUndoLog> =>
  openUndoLog({ bench: file.name, folder: join(folders.state, section), run, clock });

async function putRight(log: BenchUndoLog, note: (text: string) => void): Promise<void> {
  const left = log.pending;
  const problems = await log.runLeftOver();
  const undone = left.filter((name) => !log.pending.includes(name));
  if (undone.length > 0) note(`What an earlier run or command left was put right: ${undone.join(', ')}.`);
  if (problems.length > 0) throw new RigError('BENCH', problems.join('\n  '));
}

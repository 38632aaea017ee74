/**
 * One rig at a time on a bench: a lock file that names the process which has the bench. What a process that is no more
 * has left is taken over, and whoever takes it over is told, since that process made nothing safe.
 */
import { randomUUID } from 'node:crypto';
import { constants, readFileSync, statSync } from 'node:fs';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RigError } from '../../../rig/errors.js';
import { deviceError, errnoCode } from '../device.js';
import { benchFileName } from './file-name.js';

/** Somebody else may take over the same lock at the same moment; then another look is needed. */
const ATTEMPTS = 5;

export interface LockOptions {
  /** The bench's name in its bench file. */
  readonly bench: string;
  readonly folder: string;
  /** What has the bench, for whoever finds it taken: `rig run steady`. */
  readonly command: string;
  /** When, for the same reader. */
  readonly since: string;
}

export interface BenchLock {
  /** The process that had the bench and ended without letting go of it; undefined after an orderly end. */
  readonly abandonedBy: string | undefined;
  /** Lets go of the bench. May be called twice. */
  release(): Promise<void>;
}

/** Who has a bench. A process is one by its number and the time of its start: numbers are used again. */
interface Holder {
  readonly pid: number;
  readonly startTicks: string | undefined;
  readonly host: string;
  readonly command: string;
  readonly since: string;
}

/**
 * Where locks are: of this machine, the same for all of its users whoever asks, gone when it restarts. `shared` where
 * everybody may write there, as on Raspberry Pi OS 12; newer Debian keeps it for root, and then it is `/tmp`.
 */
export function lockFolder(shared = '/run/lock'): string {
  const found = statSync(shared, { throwIfNoEntry: false });
  return found?.isDirectory() && (found.mode & constants.S_IWOTH) !== 0 ? shared : '/tmp';
}

/** Takes the bench. Rejects with `BENCH` when another process has it, naming that. */
export async function takeBench(options: LockOptions): Promise<BenchLock> {
  const path = join(options.folder, `wifi-hil-rig-${benchFileName(options.bench)}.lock`);
  // No two locks are alike, so that each is removed by whoever made it.
  const own = JSON.stringify({ ...ownHolder(options), id: randomUUID() });
  let abandonedBy: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await create(path, own)) return { abandonedBy, release: () => releaseOwn(path, own) };
    const found = await readLock(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder !== undefined && isAlive(holder)) throw taken(options.bench, holder);
    abandonedBy = holder === undefined ? 'a process that is not known' : shown(holder);
    await takeAway(path, found);
  }
  throw new RigError(
    'BENCH',
    `The lock ${path} changes hands all the time. Look who starts rigs on this bench.`,
  );
}

function ownHolder({ command, since }: LockOptions): Holder {
  return { pid: process.pid, startTicks: startTicksOf(process.pid), host: hostname(), command, since };
}

/** Creates the lock with its content in one step, so that nobody ever reads half of one; false when there is one. */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o644);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await link(draft, path);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') return false;
    throw deviceError(path, error);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw deviceError(path, error);
  }
}

/**
 * Removes the lock that was `found`. Somebody else may have done so, and have put an own one there, between the look and
 * this: what is moved away is looked at again, and put back when it is not the one.
 */
async function takeAway(path: string, found: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return;
    throw deviceError(path, error, {
      EPERM: 'It is another user\'s, of a process that is no more: delete it with "sudo rm".',
      EACCES: 'It is another user\'s, of a process that is no more: delete it with "sudo rm".',
    });
  }
  if ((await readLock(aside)) !== found) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

async function releaseOwn(path: string, own: string): Promise<void> {
  if ((await readLock(path)) === own) await unlink(path).catch(() => undefined);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return undefined;
    const { pid, startTicks, host, command, since } = value;
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
    if (typeof command !== 'string' || typeof since !== 'string') return undefined;
    return { pid, startTicks: typeof startTicks === 'string' ? startTicks : undefined, host, command, since };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startTicks, host }: Holder): boolean {
  // A folder for temporary files may be shared among machines: who is on another one cannot be asked.
  if (host !== hostname()) return true;
  const now = startTicksOf(pid);
  if (startTicks !== undefined && now !== undefined) return now === startTicks;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoCode(error) === 'EPERM';
  }
}

/** When a process started, in ticks since boot: field 22 of its stat (proc(5)); undefined where there is no /proc. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const shown = ({ pid, command, since }: Holder): string => `process ${pid} ("${command}", since ${since})`;

function taken(bench: string, holder: Holder): RigError {
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  return new RigError(
    'BENCH',
    `The bench "${bench}" is in use by ${shown(holder)}${where}. Wait for it to end, or end it: kill ${holder.pid}`,
  );
}

/**
 * The history of runs: an SQLite file. The library is SQLite itself as WebAssembly, which works wherever Node does and
 * lets any other SQLite tool read the file.
 */
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { messageOf, RigError } from '../../rig/errors.js';
import { outcomes } from '../../rig/run/outcome.js';
import type { HistoryEntry } from './entry.js';

/** The format of the file, kept in its `user_version`. */
const VERSION = 3;
/** Another rig may be writing: a transaction of ours takes milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
/** A lock that is older was left behind by a process that was killed. */
const STALE_LOCK_MS = 60_000;

const columns = [
  ['id', 'TEXT PRIMARY KEY'],
  ['startedAt', 'TEXT NOT NULL'],
  ['scenario', 'TEXT NOT NULL'],
  ['outcome', 'TEXT NOT NULL'],
  ['reason', 'TEXT'],
  ['seed', 'INTEGER NOT NULL'],
  ['bench', 'TEXT NOT NULL'],
  ['firmware', 'TEXT NOT NULL'],
  ['firmwareSha256', 'TEXT NOT NULL'],
  // "commit" is a word of SQL.
  ['commitId', 'TEXT'],
  ['benchMs', 'REAL NOT NULL'],
  ['wallMs', 'REAL NOT NULL'],
  ['due', 'INTEGER NOT NULL'],
  ['lost', 'INTEGER NOT NULL'],
  ['p99SteadyMs', 'REAL'],
  ['recoveryMaxMs', 'REAL'],
  // From format 2 on.
  ['folder', 'TEXT'],
  ['parameters', 'TEXT'],
  // From format 3 on.
  ['undecided', 'INTEGER NOT NULL DEFAULT 0'],
] as const;
/** Those with which the format began. */
const FIRST_COLUMNS = 16;

/** What makes a file of one format, by its number, one of the next. */
const steps: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS runs (${columns
    .slice(0, FIRST_COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')});
   CREATE INDEX IF NOT EXISTS byScenario ON runs (scenario, startedAt)`,
  'ALTER TABLE runs ADD COLUMN folder TEXT; ALTER TABLE runs ADD COLUMN parameters TEXT',
  'ALTER TABLE runs ADD COLUMN undecided INTEGER NOT NULL DEFAULT 0',
];

const names = columns.map(([name]) => name);

export interface HistoryQuery {
  readonly scenario?: string;
  /** Only runs that began earlier. */
  readonly before?: string;
  /** The latest ones; all unless told. */
  readonly limit?: number;
}

export class HistoryStore {
  private readonly database: sqlite.Database;
  private readonly path: string;

  /** Opens or creates the file. Throws `USAGE` when it is of a newer version or no history, `BENCH` when it cannot be opened. */
  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    forgetStaleLock(path);
    this.database = this.attempt(() => new sqlite.Database(path));
    try {
      this.prepare();
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /** Enters a run; false when it was there already, and nothing changed. Throws `BENCH` when it cannot be written. */
  add(entry: HistoryEntry): boolean {
    const { commit, parameters, ...rest } = entry;
    const values = { ...rest, commitId: commit, parameters: parameters && JSON.stringify(parameters) };
    const { changes } = this.attempt(() =>
      this.database.run(
        `INSERT OR IGNORE INTO runs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
        names.map((name) => values[name]),
      ),
    );
    return changes > 0;
  }

  /** Runs by their start, the oldest first. */
  runs({ scenario, before, limit }: HistoryQuery = {}): HistoryEntry[] {
    const conditions = [
      ...(scenario === undefined ? [] : [['scenario = ?', scenario]]),
      ...(before === undefined ? [] : [['startedAt < ?', before]]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([of]) => of).join(' AND ')}`;
    const rows = this.attempt(() =>
      this.database.all(`SELECT * FROM runs ${where} ORDER BY startedAt DESC, id LIMIT ?`, [
        ...conditions.map(([, value]) => value ?? null),
        limit ?? -1,
      ]),
    );
    return rows.map(parseRow).reverse();
  }

  close(): void {
    this.database.close();
  }

  private prepare(): void {
    this.attempt(() => this.database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`));
    const version = Number(this.attempt(() => this.database.get('PRAGMA user_version'))?.user_version ?? 0);
    if (version > VERSION) {
      throw new RigError(
        'USAGE',
        `${this.path}: it was written by a newer rig (format ${version}, this one knows ${VERSION}). Update the rig, or name another file.`,
      );
    }
    if (version < VERSION) this.attempt(() => this.migrate());
  }

  /** Another rig may do it at the same time: what is left to do is asked for when nobody else can write. */
  private migrate(): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const version = Number(this.database.get('PRAGMA user_version')?.user_version ?? 0);
      for (const step of steps.slice(version)) this.database.exec(step);
      this.database.exec(`PRAGMA user_version = ${VERSION}; COMMIT`);
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof RigError) throw error;
      const message = messageOf(error);
      if (message.includes('not a database')) {
        throw new RigError('USAGE', `${this.path}: it is no history of runs. Name another file.`, {
          cause: error,
        });
      }
      throw new RigError('BENCH', `${this.path}: ${message}. Is it writable, and is the disk full?`, {
        cause: error,
      });
    }
  }
}

/** The library locks by a folder beside the file, which outlives a process that is killed. */
function forgetStaleLock(path: string): void {
  const lock = `${path}.lock`;
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS) rmdirSync(lock);
  } catch {
    // There is none, or another rig has removed it just now.
  }
}

type Row = Readonly<Record<string, unknown>>;

function parseRow(row: Row): HistoryEntry {
  const text = (name: string): string => String(row[name] ?? '');
  const number = (name: string): number => Number(row[name] ?? 0);
  const textOrNull = (name: string): string | null => (row[name] === null ? null : text(name));
  const numberOrNull = (name: string): number | null => (row[name] === null ? null : number(name));
  const outcome = outcomes.find((known) => known === row.outcome) ?? 'ERROR';
  return {
    id: text('id'),
    startedAt: text('startedAt'),
    scenario: text('scenario'),
    outcome,
    reason: textOrNull('reason'),
    seed: number('seed'),
    bench: text('bench'),
    firmware: text('firmware'),
    firmwareSha256: text('firmwareSha256'),
    commit: textOrNull('commitId'),
    benchMs: number('benchMs'),
    wallMs: number('wallMs'),
    due: number('due'),
    lost: number('lost'),
    undecided: number('undecided'),
    p99SteadyMs: numberOrNull('p99SteadyMs'),
    recoveryMaxMs: numberOrNull('recoveryMaxMs'),
    folder: textOrNull('folder'),
    parameters: parseParameters(textOrNull('parameters')),
  };
}

/** What another tool may have put there is no reason to show no history. */
function parseParameters(text: string | null): HistoryEntry['parameters'] {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null) return null;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, of]) =>
        typeof of === 'number' || typeof of === 'boolean' || typeof of === 'string' ? [[name, of]] : [],
      ),
    );
  } catch {
    return null;
  }
}

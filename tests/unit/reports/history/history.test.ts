/** The history: what is entered stays, once; what is told of it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import sqlite from 'node-sqlite3-wasm';
import { calendarOf } from '../../../../reports/history/calendar.js';
import { historyEntry } from '../../../../reports/history/enter.js';
import type { HistoryEntry } from '../../../../reports/history/entry.js';
import { openMetrics } from '../../../../reports/history/metrics.js';
import { historyPage } from '../../../../reports/history/page.js';
import { HistoryStore } from '../../../../reports/history/store.js';
import { trendsOf } from '../../../../reports/history/trends.js';
import { isRigError } from '../../../../rig/errors.js';
import { madeUpFailure, madeUpResult } from '../made-up-run.js';

function inFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rig-history-'));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A run on a day of January. */
const entry = (day: number, changes: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...historyEntry(madeUpResult({ commit: 'c0ffee' })),
  id: `${day}-${JSON.stringify(changes)}`,
  startedAt: `2026-01-${String(day).padStart(2, '0')}T02:15:00.000Z`,
  ...changes,
});

test('what was entered is there after closing, in the order of the runs', (t) => {
  inFolder((folder) => {
    const path = join(folder, 'deep', 'history.db');
    const first = new HistoryStore(path);
    const failed = historyEntry(madeUpFailure());
    t.true(first.add(entry(3)));
    t.true(first.add(entry(1, { scenario: 'steady' })));
    t.true(first.add(failed));
    first.close();
    const again = new HistoryStore(path);
    t.deepEqual(again.runs(), [entry(1, { scenario: 'steady' }), entry(3), failed]);
    t.deepEqual(again.runs({ scenario: 'steady' }), [entry(1, { scenario: 'steady' })]);
    t.deepEqual(again.runs({ limit: 1 }), [failed]);
    again.close();
  });
});

test('the same run entered twice changes nothing', (t) => {
  inFolder((folder) => {
    const store = new HistoryStore(join(folder, 'history.db'));
    t.true(store.add(historyEntry(madeUpResult())));
    t.false(store.add({ ...historyEntry(madeUpResult({ commit: 'other' })), outcome: 'FAIL' }));
    t.is(store.runs().length, 1);
    t.is(store.runs()[0]?.outcome, 'PASS');
    store.close();
  });
});

test('a lock that a killed rig left behind is forgotten, a fresh one is not', (t) => {
  inFolder((folder) => {
    const path = join(folder, 'history.db');
    new HistoryStore(path).close();
    mkdirSync(`${path}.lock`);
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    const store = new HistoryStore(path);
    t.true(store.add(entry(1)));
    store.close();
    t.false(existsSync(`${path}.lock`));
  });
});

test('a file that is no history is left alone, with a message', (t) => {
  inFolder((folder) => {
    const path = join(folder, 'notes.txt');
    writeFileSync(
      path,
      'not a database at all, but long enough to look like a file of somebody’s. '.repeat(20),
    );
    const error = t.throws(() => new HistoryStore(path));
    t.true(isRigError(error, 'USAGE'));
    t.regex(error?.message ?? '', /notes\.txt: it is no history/);
  });
});

test('trends: builds follow one another, a build that comes back is a new one', (t) => {
  const [trend] = trendsOf([
    entry(1, { firmwareSha256: 'aa', p99SteadyMs: 100, due: 1_000, lost: 0 }),
    entry(2, { firmwareSha256: 'aa', p99SteadyMs: 300, due: 1_000, lost: 1 }),
    entry(3, { firmwareSha256: 'bb', p99SteadyMs: 120, recoveryMaxMs: null }),
    entry(4, { firmwareSha256: 'aa', p99SteadyMs: null }),
  ]);
  t.deepEqual(
    trend?.builds.map(({ firmwareSha256, runs }) => [firmwareSha256, runs]),
    [
      ['aa', 2],
      ['bb', 1],
      ['aa', 1],
    ],
  );
  t.is(trend?.builds[0]?.p99SteadyMs, 200);
  t.is(trend?.builds[0]?.lost, 1);
  t.true((trend?.builds[0]?.lossUpperBound95 ?? 0) > 1 / 2_000);
  t.is(trend?.builds[1]?.recoveryMaxMs, null);
});

test('trends: flaky is what passed and failed with one build; what the rig could not judge says nothing', (t) => {
  const flaky = (outcomes: readonly HistoryEntry['outcome'][], shas: readonly string[]) =>
    trendsOf(
      outcomes.map((outcome, day) => entry(day + 1, { outcome, firmwareSha256: shas[day] ?? 'aa' })),
    )[0]?.isFlaky;
  t.true(flaky(['PASS', 'FAIL', 'PASS'], []));
  t.false(flaky(['PASS', 'FAIL', 'FAIL'], ['aa', 'bb', 'bb']));
  t.false(flaky(['PASS', 'INVALID', 'ERROR', 'ABORTED'], []));
});

test('calendar: a day has the colour of its worst run, stopped ones apart', (t) => {
  t.deepEqual(
    calendarOf([
      entry(2, { outcome: 'INVALID' }),
      entry(2, { outcome: 'FAIL' }),
      entry(1),
      entry(3, { outcome: 'ABORTED' }),
    ]),
    [
      { day: '2026-01-01', runs: 1, passed: 1, worst: 'PASS' },
      { day: '2026-01-02', runs: 2, passed: 0, worst: 'INVALID' },
    ],
  );
});

test('the page holds every scenario, and no text of a run as markup', (t) => {
  const page = historyPage(
    [entry(1, { scenario: '<b>x</b>', reason: '<script>alert(1)</script>', outcome: 'FAIL' })],
    {
      style: '',
      script: '',
    },
  );
  t.true(page.includes('&lt;b&gt;x&lt;/b&gt;'));
  t.false(page.includes('<b>x'));
  t.false(page.includes('<script>alert'));
});

test('a history of the first format is brought to this one, and keeps its runs', (t) => {
  inFolder((folder) => {
    const path = join(folder, 'history.db');
    const old = new sqlite.Database(path);
    old.exec(
      `CREATE TABLE runs (id TEXT PRIMARY KEY, startedAt TEXT NOT NULL, scenario TEXT NOT NULL, outcome TEXT NOT NULL,
        reason TEXT, seed INTEGER NOT NULL, bench TEXT NOT NULL, firmware TEXT NOT NULL, firmwareSha256 TEXT NOT NULL,
        commitId TEXT, benchMs REAL NOT NULL, wallMs REAL NOT NULL, due INTEGER NOT NULL, lost INTEGER NOT NULL,
        p99SteadyMs REAL, recoveryMaxMs REAL);
       INSERT INTO runs VALUES ('a', '2026-01-01T00:00:00.000Z', 'steady', 'PASS', NULL, 7, 'virtual', 'link', 'ab', NULL,
        1, 2, 3, 0, NULL, NULL);
       PRAGMA user_version = 1`,
    );
    old.close();
    const store = new HistoryStore(path);
    t.like(store.runs()[0], { id: 'a', scenario: 'steady', folder: null, parameters: null, commit: null });
    t.true(store.add(entry(2, { folder: 'x', parameters: { messages: 3, shuffle: true } })));
    store.close();
    const again = new HistoryStore(path);
    t.like(again.runs()[1], { folder: 'x', parameters: { messages: 3, shuffle: true } });
    again.close();
  });
});

test('a history of a newer rig is left alone, with a message', (t) => {
  inFolder((folder) => {
    const path = join(folder, 'history.db');
    const newer = new sqlite.Database(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    t.throws(() => new HistoryStore(path), { code: 'USAGE', message: /newer rig \(format 99/ });
  });
});

test('the trends and metrics of a hundred thousand runs take no time that anybody notices', (t) => {
  const one = entry(1);
  const runs = Array.from({ length: 100_000 }, (_, index) => ({ ...one, id: String(index) }));
  const began = performance.now();
  t.is(trendsOf(runs)[0]?.builds[0]?.runs, 100_000);
  t.true(openMetrics(runs).length > 100);
  // Work that grows with the square would take minutes.
  t.true(performance.now() - began < 20_000);
});

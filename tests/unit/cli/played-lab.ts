/** A folder to run commands in, with a bench that plays made-up journals: what is left behind is as of a real run. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Composition, RunRequest } from '../../../cli/composition.js';
import { formatEvent } from '../../../rig/run/event-json.js';
import type { RunEvent } from '../../../rig/run/events.js';
import type { RunResult } from '../../../rig/run/result.js';
import { createResultBuilder } from '../../../rig/run/result-builder.js';
import { type MadeUpJournal, madeUpJournal } from '../reports/made-up-journal.js';
import { runInProcess } from './in-process.js';
import { standIn } from './stand-in.js';

export class PlayedLab {
  readonly path = mkdtempSync(join(tmpdir(), 'rig-lab-'));
  /** What the next runs are. */
  journal: MadeUpJournal = {};
  bench = 'virtual';
  private runs = 0;

  constructor(t: ExecutionContext) {
    mkdirSync(join(this.path, 'firmware'));
    writeFileSync(join(this.path, 'firmware', 'main.py'), 'print(1)\n');
    t.teardown(() => rmSync(this.path, { recursive: true }));
  }

  rig(words: string, changes: Partial<Composition> = {}) {
    const composition: Composition = {
      ...standIn('pass', join(this.path, 'firmware')),
      runScenario: (request) => this.play(request),
      ...changes,
    };
    return runInProcess(words.split(' '), { composition, workingDirectory: this.path });
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  /** The names in a folder, sorted. */
  files(folder = '.'): string[] {
    return readdirSync(join(this.path, folder)).sort();
  }

  /** The folder of a run that was not made by a command, with a journal of these events and whatever follows them. */
  writeRun(folder: string, events: readonly RunEvent[], tail = ''): void {
    mkdirSync(join(this.path, folder), { recursive: true });
    const lines = events.map((event) => `${formatEvent(event)}\n`).join('');
    writeFileSync(join(this.path, folder, 'journal.jsonl'), lines + tail);
  }

  /** The events of the run as the bench would play it; each run begins a minute after the one before. */
  private events({ scenario, seed, parameters, labels }: RunRequest): RunEvent[] {
    this.runs += 1;
    const startedAt = new Date(Date.UTC(2026, 0, 1, 0, this.runs)).toISOString();
    const bench = { name: this.bench, kind: 'virtual' } as const;
    return madeUpJournal({ ...this.journal, scenario: scenario.name }).map((event) =>
      event.type === 'run.started'
        ? { ...event, ...labels, seed, startedAt, parameters: { ...parameters }, bench }
        : event,
    );
  }

  /** What the bench does; a test may do more around it. */
  play(request: RunRequest): Promise<RunResult> {
    const results = createResultBuilder();
    for (const event of this.events(request)) {
      results.apply(event);
      for (const sink of request.sinks) sink(event);
    }
    return Promise.resolve(results.result());
  }
}

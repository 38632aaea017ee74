/**
 * All that a report shows of a run, from its events alone, in one pass and in memory that does not grow with the
 * number of messages. Times are milliseconds since the start of the run.
 */
import type { MeasurementDeclaration } from '../../rig/run/declarations.js';
import type { RunEvent, RunEventOf } from '../../rig/run/events.js';
import type { RunResult } from '../../rig/run/result.js';
import { createResultBuilder } from '../../rig/run/result-builder.js';
import { type ConsoleExcerpt, ConsoleExcerpts, type ConsoleLine } from './console-excerpts.js';
import { DecimatedSeries, type SeriesGroup } from './decimated-series.js';
import { type Lane, LanesRecorder } from './lanes.js';
import { type StreamModel, StreamModelBuilder } from './stream-model.js';

/** Notes kept, the first ones. */
const NOTES_KEPT = 200;

export interface RunModel {
  readonly result: RunResult;
  /** One line that says what the scenario does. */
  readonly description: string;
  readonly measurements: readonly MeasurementDeclaration[];
  /** False when the journal ends before the run did. */
  readonly isComplete: boolean;
  readonly endMs: number;
  readonly lanes: readonly Lane[];
  readonly streams: readonly StreamModel[];
  readonly memory: readonly SeriesGroup[];
  readonly connects: readonly SeriesGroup[];
  /** Mean time of the exchanges between two looks at the instrument, in milliseconds. */
  readonly exchanges: readonly SeriesGroup[];
  readonly excerpts: readonly ConsoleExcerpt[];
  readonly lastConsoleLines: readonly ConsoleLine[];
  readonly notes: readonly ConsoleLine[];
  readonly notesNotShown: number;
}

export class RunModelBuilder {
  private readonly results = createResultBuilder();
  private readonly lanes = new LanesRecorder();
  private readonly console = new ConsoleExcerpts();
  private readonly memory = new DecimatedSeries();
  private readonly connects = new DecimatedSeries();
  private readonly exchanges = new DecimatedSeries();
  private readonly streams = new Map<string, StreamModelBuilder>();
  private readonly notes: ConsoleLine[] = [];
  private notesNotShown = 0;
  private started: RunEventOf<'run.started'> | undefined;
  private ended = false;
  private originMs = 0;
  private endMs = 0;
  private instrument: RunEventOf<'instrument'> | undefined;

  /** Takes the next event, in the order of the journal. */
  apply(event: RunEvent): void {
    this.results.apply(event);
    if (event.type === 'run.started') this.start(event);
    const atMs = event.atUs / 1_000 - this.originMs;
    this.endMs = Math.max(this.endMs, atMs);
    if (event.type === 'message') {
      this.streams.get(event.stream)?.message(event);
      return;
    }
    this.lanes.apply(event, atMs);
    this.console.apply(event, atMs);
    this.follow(event, atMs);
  }

  /** The model so far. Throws `INVALID` when no `run.started` was seen. */
  model(): RunModel {
    const result = this.results.result();
    return {
      result,
      description: this.started?.description ?? '',
      measurements: this.started?.measurements ?? [],
      isComplete: this.ended,
      endMs: this.endMs,
      lanes: this.lanes.lanes(this.endMs),
      streams: [...this.streams].map(([name, stream]) => stream.model(this.results.latencies(name))),
      memory: this.memory.all(),
      connects: this.connects.all(),
      exchanges: this.exchanges.all(),
      excerpts: this.console.all(),
      lastConsoleLines: this.console.last(),
      notes: this.notes,
      notesNotShown: this.notesNotShown,
    };
  }

  private start(event: RunEventOf<'run.started'>): void {
    this.started = event;
    this.originMs = event.atUs / 1_000;
    for (const stream of event.streams) {
      this.streams.set(stream.name, new StreamModelBuilder(stream, this.originMs));
    }
  }

  private follow(event: RunEvent, atMs: number): void {
    switch (event.type) {
      case 'device.report':
        this.memory.add(atMs, event.memFreeBytes);
        this.connects.add(atMs, event.connectCount);
        break;
      case 'instrument':
        this.followExchanges(event, atMs);
        break;
      case 'note':
        if (this.notes.length < NOTES_KEPT) this.notes.push({ atMs, text: event.text });
        else this.notesNotShown += 1;
        break;
      case 'run.ended':
        this.ended = true;
        break;
    }
  }

  private followExchanges(event: RunEventOf<'instrument'>, atMs: number): void {
    const before = this.instrument?.exchange;
    const count = event.exchange.count - (before?.count ?? 0);
    const totalUs = event.exchange.totalUs - (before?.totalUs ?? 0);
    this.instrument = event;
    if (count > 0) this.exchanges.add(atMs, totalUs / count / 1_000);
  }
}

/**
 * Computes a run's result from its events alone: while the run goes on, from its journal later, and from what
 * a crash left of the journal. Memory is bounded: of losses, faults and boots the first ones are listed one by one, and the rest is counted.
 */
import { RigError } from '../errors.js';
import { judgeMeasurements, judgeRun } from '../measure/limits.js';
import { roundMs } from '../measure/rounding.js';
import { elapsed, type InstantUs, ORIGIN, toSeconds } from '../time/units.js';
import type { Direction } from './declarations.js';
import type { Phase, RunEvent, RunEventOf } from './events.js';
import type { Outcome } from './outcome.js';
import {
  BOOTS_KEPT,
  LOSSES_KEPT,
  type LossRecord,
  type MeasurementResult,
  type RunResult,
} from './result.js';
import { type FaultEvent, FaultTally } from './result-faults.js';
import { lastPointOf, type StreamLatencies, StreamTally } from './result-streams.js';

/** What is known of one direction so far; the streams of that direction taken together. */
export interface DirectionProgress {
  /** Messages that the streams will have in all. */
  expected: number;
  delivered: number;
  lost: number;
  unsent: number;
  undecided: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
}

/** A snapshot for a live display. */
export interface RunProgress {
  /** The part of the run, empty before the first. */
  part: string;
  phase: Phase;
  /** Time of the latest event. */
  atUs: InstantUs;
  uplink: DirectionProgress;
  downlink: DirectionProgress;
  faults: { injected: number; recovered: number };
  boots: number;
}

export interface ResultBuilder {
  /** Takes the next event of the run, in the order of the journal. */
  apply(event: RunEvent): void;
  /**
   * The result so far. Times in it count from the start of the run. A run that has not ended is an `ERROR`.
   * Throws `INVALID` when no `run.started` was seen, since nothing is known then.
   */
  result(): RunResult;
  /** The latencies of a stream so far; undefined when it was not declared. */
  latencies(stream: string): StreamLatencies | undefined;
  /** Cheap enough for every frame of a display. */
  progress(): RunProgress;
}

export function createResultBuilder(): ResultBuilder {
  return new Builder();
}

type Started = RunEventOf<'run.started'>;

class Builder implements ResultBuilder {
  private started: Started | undefined;
  private ended: RunEventOf<'run.ended'> | undefined;
  private instrument: RunEventOf<'instrument'> | undefined;
  private part = '';
  private phase: Phase = 'steady';
  private lastUs = ORIGIN;
  private readonly streams = new Map<string, StreamTally>();
  private readonly measured = new Map<string, number>();
  private readonly faults = new FaultTally();
  private readonly losses: LossRecord[] = [];
  private lossesNotShown = 0;
  private unexpected = 0;
  private readonly boots: RunResult['boots'] = [];
  private bootCount = 0;
  private readonly reports: RunResult['reports'] = {
    count: 0,
    memFreeFirst: null,
    memFreeLast: null,
    connectCount: null,
  };

  apply(event: RunEvent): void {
    this.lastUs = event.atUs;
    switch (event.type) {
      case 'run.started':
        this.started = event;
        for (const stream of event.streams) this.streams.set(stream.name, new StreamTally(stream));
        break;
      case 'run.part':
        this.part = event.part;
        break;
      case 'run.ended':
        this.ended = event;
        break;
      case 'message':
        this.message(event);
        break;
      case 'anomaly':
        if (event.kind === 'unexpected') this.unexpected += 1;
        if (event.stream !== undefined) this.streams.get(event.stream)?.anomaly(event);
        this.faults.anomaly(event);
        break;
      case 'fault.injected':
      case 'fault.proved':
      case 'fault.cleared':
      case 'fault.step':
      case 'fault.recovered':
        this.phase = phaseAfter(event) ?? this.phase;
        this.faults.apply(event, this.sinceStartMs(event.atUs));
        break;
      case 'boot': {
        const { number, cause, mode, expected } = event;
        this.bootCount += 1;
        if (this.boots.length >= BOOTS_KEPT) break;
        this.boots.push({ number, atMs: this.sinceStartMs(event.atUs), cause, mode, expected });
        break;
      }
      case 'device.report':
        this.report(event);
        break;
      case 'instrument':
        this.instrument = event;
        break;
      case 'measured':
        this.measured.set(event.name, event.value);
        break;
      case 'console':
      case 'link':
      case 'device.server':
      case 'device.stopped':
      case 'server':
      case 'note':
        break;
    }
  }

  result(): RunResult {
    const { started } = this;
    if (started === undefined) {
      throw new RigError(
        'INVALID',
        'The journal has no "run.started" event: nothing can be computed from it.',
      );
    }
    const measurements = judgeMeasurements(started.measurements, this.measured);
    const { outcome, reason } = this.verdict(measurements);
    return {
      schemaVersion: started.schemaVersion,
      scenario: started.scenario,
      outcome,
      ...(reason !== undefined && { reason }),
      seed: started.seed,
      parameters: { ...started.parameters },
      bench: { ...started.bench },
      firmware: { ...started.firmware },
      startedAt: started.startedAt,
      ...labelsOf(started),
      wallMs: Math.round(this.ended?.wallMs ?? 0),
      benchMs: this.sinceStartMs(this.ended?.atUs ?? this.lastUs),
      measurements,
      streams: [...this.streams.values()].map((stream) => stream.result()),
      losses: this.losses.map((loss) => ({ ...loss })),
      lossesNotShown: this.lossesNotShown,
      unexpected: this.unexpected,
      faults: this.faults.results(),
      faultsNotShown: this.faults.notShown,
      boots: this.boots.map((boot) => ({ ...boot })),
      bootsNotShown: this.bootCount - this.boots.length,
      reports: { ...this.reports },
      instrument: instrumentResult(this.instrument),
    };
  }

  latencies(stream: string): StreamLatencies | undefined {
    return this.streams.get(stream);
  }

  progress(): RunProgress {
    return {
      part: this.part,
      phase: this.phase,
      atUs: this.lastUs,
      uplink: this.directionProgress('uplink'),
      downlink: this.directionProgress('downlink'),
      faults: { injected: this.faults.injected, recovered: this.faults.recovered },
      boots: this.bootCount,
    };
  }

  private message(event: RunEventOf<'message'>): void {
    this.streams.get(event.stream)?.message(event);
    this.faults.message(event);
    if (event.verdict !== 'lost') return;
    if (this.losses.length >= LOSSES_KEPT) {
      this.lossesNotShown += 1;
      return;
    }
    this.losses.push({
      stream: event.stream,
      sequence: event.sequence,
      lastPoint: lastPointOf(event),
      ...(event.fault !== undefined && { fault: event.fault }),
      boot: event.boot,
      dueMs: this.sinceStartMs(event.dueUs),
    });
  }

  private report(event: RunEventOf<'device.report'>): void {
    this.reports.count += 1;
    this.reports.memFreeFirst ??= event.memFreeBytes;
    this.reports.memFreeLast = event.memFreeBytes;
    this.reports.connectCount = event.connectCount;
  }

  private verdict(measurements: readonly MeasurementResult[]): { outcome: Outcome; reason?: string } {
    const { ended } = this;
    if (ended === undefined) {
      const part = this.part === '' ? '' : ` in the part "${this.part}"`;
      const afterS = toSeconds(elapsed(this.started?.atUs ?? ORIGIN, this.lastUs)).toFixed(3);
      return { outcome: 'ERROR', reason: `The run never ended: its journal stops after ${afterS} s${part}.` };
    }
    const judged = judgeRun(measurements);
    if (ended.outcome === 'PASS' && judged !== 'PASS') {
      const names = measurements.filter(({ outcome }) => outcome === 'FAIL' || outcome === 'UNSET');
      const listed = names.map(({ name, outcome }) => `${name} is ${outcome}`).join(', ');
      return { outcome: judged, reason: `The run ended as PASS, but its measurements are not: ${listed}.` };
    }
    return { outcome: ended.outcome, ...(ended.reason !== undefined && { reason: ended.reason }) };
  }

  private sinceStartMs(atUs: InstantUs): number {
    return roundMs(elapsed(this.started?.atUs ?? ORIGIN, atUs));
  }

  private directionProgress(direction: Direction): DirectionProgress {
    const progress: DirectionProgress = {
      expected: 0,
      delivered: 0,
      lost: 0,
      unsent: 0,
      undecided: 0,
      duplicated: 0,
      reordered: 0,
      corrupted: 0,
    };
    for (const stream of this.streams.values()) {
      if (stream.declaration.direction !== direction) continue;
      progress.expected += stream.declaration.count;
      progress.delivered += stream.delivered;
      progress.lost += stream.lost;
      progress.unsent += stream.unsent;
      progress.undecided += stream.undecided;
      progress.duplicated += stream.duplicated;
      progress.reordered += stream.reordered;
      progress.corrupted += stream.corrupted;
    }
    return progress;
  }
}

const labelsOf = ({ repeat, commit, quarantine }: Started): Partial<RunResult> => ({
  ...(repeat !== undefined && { repeat }),
  ...(commit !== undefined && { commit }),
  ...(quarantine !== undefined && { quarantine: { ...quarantine } }),
});

function phaseAfter(event: FaultEvent): Phase | undefined {
  if (event.type === 'fault.injected') return 'fault';
  if (event.type === 'fault.cleared') return 'recovery';
  return event.type === 'fault.recovered' ? 'steady' : undefined;
}

function instrumentResult(last: RunEventOf<'instrument'> | undefined): RunResult['instrument'] {
  const exchange = last?.exchange;
  const count = exchange?.count ?? 0;
  return {
    stallMaxMs: roundMs(last?.stallMaxUs ?? 0),
    missedEdges: last?.missedEdges ?? 0,
    exchange: {
      count,
      failed: exchange?.failed ?? 0,
      meanMs: count === 0 ? 0 : roundMs((exchange?.totalUs ?? 0) / count),
      maxMs: roundMs(exchange?.maxUs ?? 0),
    },
    floorMs: roundMs(last?.floorUs ?? 0),
  };
}

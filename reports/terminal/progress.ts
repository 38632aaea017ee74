/** What is known of a run while it runs, from its events alone; the live display and the plain lines show it. */
import type { Direction } from '../../rig/run/declarations.js';
import type { EventSink, RunEvent, RunEventOf } from '../../rig/run/events.js';
import { type DurationUs, elapsed, type InstantUs, ORIGIN } from '../../rig/time/units.js';

/** Shows a run while it runs. */
export interface ProgressReporter {
  readonly sink: EventSink;
  /** Called now and then by the wall clock, so that a run that says nothing is still seen to be alive. */
  refresh(): void;
  /** The run is over: leaves the screen as the next line of text wants it. */
  finish(): void;
}

export interface Traffic {
  due: number;
  delivered: number;
  lost: number;
  unsent: number;
  undecided: number;
}

export interface FaultProgress {
  readonly number: number;
  readonly kind: string;
  readonly detail: string;
  readonly injectedUs: InstantUs;
  evidence?: string;
  seenUs?: InstantUs;
  clearedUs?: InstantUs;
  recoveredUs?: InstantUs;
}

/** Faults that have not recovered; older ones are forgotten, so that memory stays flat whatever a scenario does. */
const OPEN_FAULTS_KEPT = 100;

export class RunProgress {
  nowUs: InstantUs = ORIGIN;
  part = 'starting';
  readonly uplink: Traffic = { due: 0, delivered: 0, lost: 0, unsent: 0, undecided: 0 };
  readonly downlink: Traffic = { due: 0, delivered: 0, lost: 0, unsent: 0, undecided: 0 };
  faults = 0;
  boots = 0;
  anomalies = 0;
  started: RunEventOf<'run.started'> | undefined;
  /** The last fault, recovered or not. */
  lastFault: FaultProgress | undefined;
  private readonly openFaults = new Map<number, FaultProgress>();
  private readonly directions = new Map<string, Direction>();

  take(event: RunEvent): void {
    this.nowUs = event.atUs;
    switch (event.type) {
      case 'run.started':
        this.start(event);
        return;
      case 'run.part':
        this.part = event.part;
        return;
      case 'message':
        this.decide(event);
        return;
      case 'anomaly':
        this.anomalies += 1;
        return;
      case 'boot':
        this.boots += 1;
        return;
      case 'fault.injected':
        this.openFault(event);
        return;
      case 'fault.proved':
      case 'fault.step':
      case 'fault.cleared':
      case 'fault.recovered':
        this.advanceFault(event);
        return;
      default:
    }
  }

  /** Faults that have not recovered yet, oldest first. */
  unrecovered(): readonly FaultProgress[] {
    return [...this.openFaults.values()];
  }

  get lost(): number {
    return this.uplink.lost + this.downlink.lost;
  }

  /** Share of the messages that are decided, 0 to 1; undefined where the run declared none. */
  get done(): number | undefined {
    const due = this.uplink.due + this.downlink.due;
    if (due === 0) return undefined;
    const decided = (traffic: Traffic) => traffic.delivered + traffic.lost + traffic.unsent;
    return Math.min(1, (decided(this.uplink) + decided(this.downlink)) / due);
  }

  private start(event: RunEventOf<'run.started'>): void {
    this.started = event;
    for (const stream of event.streams) {
      this.directions.set(stream.name, stream.direction);
      this[stream.direction].due += stream.count;
    }
  }

  private decide(event: RunEventOf<'message'>): void {
    const direction = this.directions.get(event.stream);
    if (direction !== undefined) this[direction][event.verdict] += 1;
  }

  private openFault(event: RunEventOf<'fault.injected'>): void {
    const fault = { number: event.fault, kind: event.kind, detail: event.detail, injectedUs: event.atUs };
    this.faults += 1;
    this.lastFault = fault;
    this.openFaults.set(event.fault, fault);
    if (this.openFaults.size <= OPEN_FAULTS_KEPT) return;
    const [oldest] = this.openFaults.keys();
    if (oldest !== undefined) this.openFaults.delete(oldest);
  }

  private advanceFault(
    event: RunEventOf<'fault.proved' | 'fault.step' | 'fault.cleared' | 'fault.recovered'>,
  ): void {
    const fault = this.openFaults.get(event.fault);
    if (fault === undefined) return;
    switch (event.type) {
      case 'fault.proved':
        fault.evidence = event.evidence;
        return;
      case 'fault.step':
        if (event.step === 'seen by the client' || event.step === 'seen by the server') {
          fault.seenUs ??= event.atUs;
        }
        return;
      case 'fault.cleared':
        fault.clearedUs = event.atUs;
        return;
      case 'fault.recovered':
        fault.recoveredUs = event.atUs;
        this.openFaults.delete(event.fault);
    }
  }
}

/** Injected to seen by the first of client and server. */
export const detectionOf = (fault: FaultProgress): DurationUs | undefined =>
  fault.seenUs === undefined ? undefined : elapsed(fault.injectedUs, fault.seenUs);

/** Cleared to everything working. */
export const recoveryOf = (fault: FaultProgress): DurationUs | undefined =>
  fault.clearedUs === undefined || fault.recoveredUs === undefined
    ? undefined
    : elapsed(fault.clearedUs, fault.recoveredUs);

/**
 * Keeps the log of faults: which is under way, what was seen of it and when, and when it is over. A fault lasts
 * from its injection until messages flow both ways again and none from before is still on its way; what falls due meanwhile is
 * attributed to it.
 */
import { RigError } from '../errors.js';
import type { Direction } from '../run/declarations.js';
import type { Phase, RunEventBody, WaterfallStep } from '../run/events.js';
import type { FaultTimes } from '../run/scenario.js';
import { type DurationUs, earliest, elapsed, type InstantUs, later, latest, ms, us } from '../time/units.js';
import type { DeadlockTimes } from './unread-flood.js';

export interface FaultLogOptions {
  readonly now: () => InstantUs;
  readonly emit: (body: RunEventBody) => void;
  /** A fault has just been injected. */
  readonly onInjected: (fault: number) => void;
  /** True when no message that fell due before `beforeUs` is still on its way. */
  readonly backlogDrained: (beforeUs: InstantUs) => boolean;
  /** True when no more messages of that direction will fall due, so that none need be waited for. */
  readonly isFinished: (direction: Direction) => boolean;
}

const FIRST_DELIVERED: Readonly<Record<Direction, WaterfallStep>> = {
  uplink: 'first uplink delivered',
  downlink: 'first downlink delivered',
};

/** Twice what the link's documentation calls a normal latency (docs/protocol.md §6), and one poll. */
const FRESH_AGE: DurationUs = ms(500);

const DETECTION_STEPS = ['seen by the client', 'seen by the server'] as const;
const isDetection = (step: WaterfallStep): boolean => DETECTION_STEPS.some((each) => each === step);

export class ActiveFault {
  readonly number: number;
  readonly kind: string;
  readonly injectedUs: InstantUs;
  readonly steps = new Map<WaterfallStep, InstantUs>();
  evidence: string | undefined;
  clearedUs: InstantUs | undefined;
  recoveredUs: InstantUs | undefined;
  /** The client makes this fault itself, so that neither end can notice it. */
  isOurs = false;
  /** Of a fault in which the device starts without something: see `FaultTimes`. */
  reportsUs: readonly (DurationUs | undefined)[] | undefined;
  /** Of a flood of unread data: see `FaultTimes`. */
  deadlock: DeadlockTimes | undefined;
  /** The device starts again and again while it lasts: what is reached before the fault is cleared is no recovery. */
  isUnsteady = false;
  /** Whether the rig could tell from the device's console alone what had been done; undefined where that is not asked. */
  namedRight: boolean | undefined;
  /** Called once, when the fault is over. */
  onRecovered: () => void = () => undefined;

  constructor(number: number, kind: string, injectedUs: InstantUs) {
    this.number = number;
    this.kind = kind;
    this.injectedUs = injectedUs;
  }

  times(): FaultTimes {
    const seen = DETECTION_STEPS.map((step) => this.steps.get(step)).filter((at) => at !== undefined);
    const first = seen.length === 0 ? undefined : earliest(...seen);
    return {
      ...(this.namedRight !== undefined && { namedRight: this.namedRight }),
      detectionUs: first === undefined ? undefined : elapsed(this.injectedUs, first),
      recoveryUs:
        this.clearedUs === undefined || this.recoveredUs === undefined
          ? undefined
          : elapsed(this.clearedUs, this.recoveredUs),
      ...(this.reportsUs !== undefined && { reportsUs: this.reportsUs }),
      ...(this.deadlock !== undefined && { deadlock: this.deadlock }),
    };
  }
}

/** As many as any scenario's parameters ask for. A scenario that has no end keeps its own count. */
export const FAULT_TIMES_KEPT = 100_000;
/** Messages that a fault struck are decided long before so many others have come. */
const FAULT_KINDS_KEPT = 1_000;

export class FaultLog {
  /** The latest one. */
  last: ActiveFault | undefined;
  /** Injected so far. */
  count = 0;
  /** Those before the latest one: the first `FAULT_TIMES_KEPT`. */
  private readonly finished: FaultTimes[] = [];
  private readonly kinds = new Map<number, string>();
  private readonly options: FaultLogOptions;
  private active: ActiveFault | undefined;

  constructor(options: FaultLogOptions) {
    this.options = options;
  }

  get current(): ActiveFault | undefined {
    return this.active;
  }

  /** What came of the first `FAULT_TIMES_KEPT` faults, and of the latest one. */
  times(): FaultTimes[] {
    return this.last === undefined ? [] : [...this.finished, this.last.times()];
  }

  /** Undefined of a fault that was long ago. */
  kindOf(fault: number): string | undefined {
    return this.kinds.get(fault);
  }

  /** What a message that falls due now is attributed to. */
  attribution(): { phase: Phase; fault?: number } {
    if (this.active === undefined) return { phase: 'steady' };
    const phase = this.active.clearedUs === undefined ? 'fault' : 'recovery';
    return { phase, fault: this.active.number };
  }

  /** Throws `BENCH` while another fault is under way: what was seen could be told of neither. */
  inject(kind: string, detail: string): ActiveFault {
    if (this.active !== undefined) {
      throw new RigError(
        'BENCH',
        `Fault ${this.active.number} (${this.active.kind}) is still under way; the scenario must await it ` +
          `before it injects a ${kind}.`,
      );
    }
    if (this.last !== undefined && this.finished.length < FAULT_TIMES_KEPT) {
      this.finished.push(this.last.times());
    }
    this.count += 1;
    const fault = new ActiveFault(this.count, kind, this.options.now());
    this.last = fault;
    this.kinds.set(fault.number, kind);
    this.kinds.delete(fault.number - FAULT_KINDS_KEPT);
    this.active = fault;
    this.options.emit({ type: 'fault.injected', fault: fault.number, kind, detail });
    this.options.onInjected(fault.number);
    return fault;
  }

  proved(fault: ActiveFault, evidence: string): void {
    fault.evidence = evidence;
    fault.steps.set('proved', this.options.now());
    this.options.emit({ type: 'fault.proved', fault: fault.number, evidence });
  }

  cleared(fault: ActiveFault): void {
    fault.clearedUs = this.options.now();
    this.options.emit({ type: 'fault.cleared', fault: fault.number });
    this.checkRecovery();
  }

  /** Something was seen that may be a step of the fault under way; each step counts once. */
  seen(step: WaterfallStep): void {
    const fault = this.active;
    if (fault === undefined || fault.steps.has(step)) return;
    if (fault.isOurs && isDetection(step)) return;
    if (fault.isUnsteady && fault.clearedUs === undefined && !isDetection(step)) return;
    fault.steps.set(step, this.options.now());
    this.options.emit({ type: 'fault.step', fault: fault.number, step });
    this.checkRecovery();
  }

  /** A step that was taken too early, such as a connection that broke again, is to be taken once more. */
  undo(step: WaterfallStep): void {
    this.active?.steps.delete(step);
  }

  /** A message was delivered: the fault under way may be over. */
  delivered(direction: Direction): void {
    const fault = this.active;
    if (fault?.clearedUs === undefined || !fault.steps.has('server up')) return;
    this.seen(FIRST_DELIVERED[direction]);
    this.checkRecovery();
  }

  /** Gives up on the fault under way: it did not end in time. */
  abandon(): void {
    this.active = undefined;
  }

  /** Messages from before this moment are backlog: from before the link was up, or older than in steady state. */
  private freshSince(serverUpUs: InstantUs): InstantUs {
    const recentUs = later(this.options.now(), us(-FRESH_AGE));
    return latest(recentUs, serverUpUs);
  }

  private checkRecovery(): void {
    const fault = this.active;
    const serverUpUs = fault?.steps.get('server up');
    if (fault?.clearedUs === undefined || serverUpUs === undefined) return;
    const directions: readonly Direction[] = ['uplink', 'downlink'];
    const flows = directions.every(
      (direction) => fault.steps.has(FIRST_DELIVERED[direction]) || this.options.isFinished(direction),
    );
    if (!flows || !this.options.backlogDrained(this.freshSince(serverUpUs))) return;
    this.active = undefined;
    fault.recoveredUs = this.options.now();
    this.options.emit({ type: 'fault.step', fault: fault.number, step: 'backlog drained' });
    this.options.emit({ type: 'fault.recovered', fault: fault.number });
    fault.onRecovered();
  }
}

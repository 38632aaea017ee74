/** What a scenario is: declarations that can be shown without running it, and the steps that it takes. */

import type { RigError } from '../errors.js';
import type { Start } from '../faults/link-faults.js';
import type { Credentials } from '../faults/link-handle.js';
import type { LineFate } from '../faults/oversize-line.js';
import type { HangPlace, ProgramDeath } from '../faults/program-faults.js';
import type { TlsTrial, TlsTrialsOutcome } from '../faults/tls-trials.js';
import type { DeadlockTimes, Flood } from '../faults/unread-flood.js';
import type { WireFault } from '../faults/wire-noise.js';
import type { WrongBoot } from '../faults/wrong-boot.js';
import type { BenchPorts, BusLines, Impairment } from '../ports.js';
import type { Random } from '../random.js';
import type { ServerBreak } from '../server/breakable-network.js';
import type { Clock } from '../time/clock.js';
import type { DurationUs } from '../time/units.js';
import type { ServerPlace } from './bench.js';
import type { AnomalyCount } from './damage-tally.js';
import type {
  Direction,
  MeasurementDeclaration,
  ParameterDeclaration,
  StreamDeclaration,
} from './declarations.js';
import type { MemoryTrend } from './memory-watch.js';
import type { PromiseCounts } from './promise-tally.js';
import type { RunResult, StreamResult } from './result.js';

export type ParameterDeclarations = Readonly<Record<string, ParameterDeclaration>>;

/** The value of one declared parameter; for a declaration not known in detail, any of them. */
type ParameterValue<D extends ParameterDeclaration> = D extends { kind: 'duration' }
  ? DurationUs
  : D extends { kind: 'integer' }
    ? number
    : boolean;

/** The values of declared parameters: durations as `DurationUs`, the rest as they are. */
export type ParameterValues<P extends ParameterDeclarations> = {
  readonly [Name in keyof P]: ParameterValue<P[Name]>;
};

/**
 * A port, or what not every access point and not every supply can do. `i2c.target`: the device answers the exchanges, in an
 * interrupt handler, which its application starts in the mirrored link.
 */
export type Need =
  | keyof BenchPorts
  | `accessPoint.${'kick' | 'silence' | 'degrade'}`
  | 'power.sag'
  | 'i2c.target';

export interface Scenario<P extends ParameterDeclarations = ParameterDeclarations> {
  /** What the command line calls it: lower case with hyphens. */
  readonly name: string;
  /** One line for `rig list`. */
  readonly summary: string;
  /** What it does and what it proves, for somebody who has not read the source. */
  readonly description: string;
  /** The promise of the link's documentation that it checks. */
  readonly promise: string;
  readonly parameters: P;
  /** What the bench must have beside the link itself. */
  readonly needs: readonly Need[];
  /** The faults it injects, for `rig show`. */
  readonly faults: readonly string[];
  /** Without `server`, for the documentation's defaults. */
  measurements(parameters: ParameterValues<P>, server?: ServerPlace): readonly MeasurementDeclaration[];
  streams(parameters: ParameterValues<P>): readonly StreamDeclaration[];
  /** The steps. Resolves when the last fault has been recovered from; the runner then drains the traffic. */
  run(context: ScenarioContext<P>): Promise<void>;
  /** Gives the declared measurements their values, when everything has come to rest. */
  conclude(conclusion: Conclusion): void;
}

/** What a scenario measures from, at the end. */
export interface Conclusion {
  /** Counts and latencies of each stream. */
  readonly streams: readonly StreamResult[];
  /** Messages that arrived although none was on its way: never sent, or given up before. */
  readonly unexpected: number;
  /** What arrived that was no first, intact delivery, by the kind of fault that was under way. */
  readonly anomalies: readonly AnomalyCount[];
  /** What was lost, repeated or reordered, apart from what went with the device's memory. */
  readonly promises: PromiseCounts;
  /** The device's own reports of its free memory. */
  readonly memory: MemoryTrend;
  readonly faults: readonly FaultTimes[];
  readonly boots: { readonly total: number; readonly unexpected: number };
  readonly server: ServerPlace;
  /** What `result.json` will say of losses, one by one, and of faults. */
  readonly result: Pick<RunResult, 'losses' | 'lossesNotShown' | 'faults'>;
  /** Records the value of a declared measurement. */
  measure(name: string, value: number): void;
}

/** What a running scenario has at hand. The link is up and traffic has begun when `run` is called. */
export interface ScenarioContext<P extends ParameterDeclarations = ParameterDeclarations> {
  readonly parameters: ParameterValues<P>;
  readonly clock: Clock;
  /** The scenario's own stream of the run's seed. */
  readonly random: Random;
  readonly faults: FaultControl;
  /** Writes a line into the journal. */
  note(text: string): void;
  /** Records the value of a declared measurement that is known already. */
  measure(name: string, value: number): void;
  /**
   * Offers the client (`uplink`) or the server (`downlink`) a line of so many bytes that belongs to no stream. Resolves with
   * the error by which it was refused, or undefined when it was taken.
   */
  offerLine(direction: Direction, lengthBytes: number): Promise<RigError | undefined>;
  /** Waits on the bench's clock. */
  sleep(duration: DurationUs): Promise<void>;
  /**
   * Resolves `offset` after an exchange between client and device has begun: with an offset of less than the
   * exchange takes, in the middle of it.
   */
  insideExchange(offset: DurationUs): Promise<void>;
  /** How long the traffic lasts from the start of `run`: the longest of its streams. */
  readonly trafficUs: DurationUs;
  /** What the bench can do beside what the scenario needs. */
  has(need: Need): boolean;
  /** Resolves when every stream has offered its last message. */
  trafficDone(): Promise<void>;
}

/** Injects faults, proves each with a second instrument, and waits for recovery. */
export interface FaultControl {
  /** The access point is off for `duration`. Resolves when the link has recovered and its backlog is drained. */
  wifiOutage(duration: DurationUs): Promise<FaultTimes>;
  /** The access point throws the device out, which may join again at once. */
  stationKick(): Promise<FaultTimes>;
  /** Every packet from and to the device is lost for `duration`, and nobody tells it; it stays associated. */
  silentLoss(duration: DurationUs): Promise<FaultTimes>;
  /** Packets from and to the device are lost and delayed for `duration`. */
  degradedLink(duration: DurationUs, impairment: Impairment): Promise<FaultTimes>;
  /** The device's supply is cut for `duration`. */
  powerCut(duration: DurationUs): Promise<FaultTimes>;
  /** The reset pin is held low for `pulse`. */
  resetPress(pulse: DurationUs): Promise<FaultTimes>;
  /** The rig's server is away for `duration`: stopped, refusing, resetting connections, or half-open and silent. */
  serverOutage(how: ServerBreak, duration: DurationUs): Promise<FaultTimes>;
  /**
   * Starts the device where something is missing, once for each of `starts`, and waits each time for its word that it stops.
   * Then everything is put right, and the device started again. What it held is lost: best done after the traffic.
   */
  startWithout(...starts: readonly Start[]): Promise<FaultTimes>;
  /** Starts the device anew on a bench that is whole. With `stored` it is told no network. */
  restart(credentials: Credentials): Promise<FaultTimes>;
  /** The server sends the device one line of so many bytes, more than an exchange carries. */
  oversizeLine(lengthBytes: number): Promise<FaultTimes & { readonly fate: LineFate }>;
  /**
   * Stops the device's program, opens a socket at its prompt, floods it while nobody reads, tries a soft reset if that has locked
   * the WiFi stack up, and lets the client reset the device. What it held is lost.
   */
  unreadFlood(flood: Flood): Promise<FaultTimes>;
  /** For `duration` the supply gives too little to run on, so that the device starts again and again. */
  brownOut(duration: DurationUs): Promise<FaultTimes>;
  /** A bus line is low while the device is reset, and for `duration` after; then it is let go of, and reset is pressed. */
  strapHeld(line: keyof BusLines, duration: DurationUs): Promise<FaultTimes>;
  /** A wrong boot.py is on the device for `duration`; then it is caught by Ctrl-C and gets its own one back. */
  wrongBoot(kind: WrongBoot, duration: DurationUs): Promise<FaultTimes>;
  /** Something happens to the wires between host and device. */
  wireFault(fault: WireFault): Promise<FaultTimes>;
  /**
   * Ctrl-C on the console: the application dies, its interrupt handler lives on. With a `question`, a line of Python that
   * prints one line, that is asked at the prompt. Resolves when the device has been started anew and the link has recovered.
   */
  appCrash(question?: string): Promise<ProgramDeath>;
  /** As `appCrash`, but then a loop without end begins, in the application or in a handler. */
  hang(place: HangPlace, withWatchdog: boolean): Promise<ProgramDeath>;
  /**
   * Starts the device with its real-time clock shortly before its overflow. Undefined, at once, on a bench whose board is as
   * old as it is.
   */
  oldClock(remaining: DurationUs): Promise<FaultTimes | undefined>;
  /**
   * Stops the device's program and lets it connect from its prompt to TLS servers of the given kinds, one after the other; then
   * the client resets it. What it held is lost.
   */
  tlsTrials(trials: readonly TlsTrial[], random: Random): Promise<FaultTimes & TlsTrialsOutcome>;
  /** So many bytes of the device's heap are not there any more, until it starts anew. No recovery is waited for. */
  leakMemory(bytes: number): Promise<void>;
}

/** What a fault's waterfall came to; a step that was not seen is undefined. */
export interface FaultTimes {
  /** Injected to seen by the first of client and server. */
  readonly detectionUs: DurationUs | undefined;
  /** Cleared to everything working, backlog drained; undefined when it never recovered. */
  readonly recoveryUs: DurationUs | undefined;
  /**
   * Of `startWithout`, for each start: from the configuration to the device's word that it stops; undefined where that
   * did not come.
   */
  readonly reportsUs?: readonly (DurationUs | undefined)[];
  /** Of `unreadFlood`. */
  readonly deadlock?: DeadlockTimes;
  /** Of a device that was kept from starting: whether its console alone told the rig what had been done to it. */
  readonly namedRight?: boolean;
}

/** Gives the parameters their types; a scenario file exports what this returns as its default. */
export function defineScenario<const P extends ParameterDeclarations>(scenario: Scenario<P>): Scenario<P> {
  return scenario;
}

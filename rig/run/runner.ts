/**
 * Runs one scenario on one bench, from bring-up to guaranteed teardown, and says how it ended. Everything that
 * happens becomes an event; the result is computed from the events alone.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import { FaultInjector } from '../faults/injector.js';
import { FaultLog } from '../faults/fault-log.js';
import type { Random } from '../random.js';
import { type DurationUs, instant, later, ms, seconds, toMs, toSeconds, us } from '../time/units.js';
import type { Bench } from './bench.js';
import type { MeasurementDeclaration, StreamDeclaration } from './declarations.js';
import { type EventSink, type RunEventBody, SCHEMA_VERSION } from './events.js';
import { bringUpError, LINK_TIMEOUT, LinkSession } from './link-session.js';
import { judgeMeasurements } from './judge.js';
import { Observer } from './observer.js';
import type { Outcome } from './outcome.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from './scenario.js';
import { STALL_LIMIT, StallWatch } from './stall-watch.js';
import { Teardown } from './teardown.js';

/** From power-on to messages both ways. A device that tries both credentials and fails needs 45 s to say so. */
export const BRING_UP_LIMIT: DurationUs = seconds(120);
/** After the last message: far above a retransmission through an outage. */
export const DRAIN_LIMIT: DurationUs = seconds(60);
const POLL: DurationUs = ms(50);
/** How often the instrument's own condition is put into the journal. */
const INSTRUMENT_INTERVAL: DurationUs = seconds(10);
/** Lines of the device's console in the reason of a run that failed. */
const CONSOLE_LINES_SHOWN = 6;

export interface RunOptions<P extends ParameterDeclarations = ParameterDeclarations> {
  readonly scenario: Scenario<P>;
  readonly parameters: ParameterValues<P>;
  readonly bench: Bench;
  readonly random: Random;
  readonly sink: EventSink;
  /** Aborting it ends the run as ABORTED, after teardown. */
  readonly signal: AbortSignal;
  /** Wall clock: a label and a figure for the reader, never used to measure. */
  readonly wall: { isoNow(): string; elapsedMs(): number };
  /** From the end of one exchange to the start of the next; 100 ms unless told. */
  readonly pollUs?: DurationUs;
}

/** How a run ended, before its measurements are judged. */
interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** Runs the scenario. Always resolves: whatever goes wrong becomes the outcome. */
export async function runScenario<P extends ParameterDeclarations>(options: RunOptions<P>): Promise<Ending> {
  const { bench } = options;
  try {
    return await bench.run(() => new ScenarioRun(options).run());
  } catch (error) {
    const reason = messageOf(error);
    const atUs = bench.clock.now();
    options.sink({ type: 'run.ended', atUs, outcome: 'ERROR', reason, wallMs: options.wall.elapsedMs() });
    return { outcome: 'ERROR', reason };
  }
}

class ScenarioRun<P extends ParameterDeclarations> {
  private readonly options: RunOptions<P>;
  private readonly streams: readonly StreamDeclaration[];
  private readonly measurements: readonly MeasurementDeclaration[];
  private readonly measured = new Map<string, number>();
  private readonly faults: FaultLog;
  private readonly observer: Observer;
  private readonly session: LinkSession;
  private readonly teardown: Teardown;
  /** Aborted by the user's signal, and by anything that makes it pointless to go on. */
  private readonly stop = new AbortController();
  private failure: RigError | undefined;
  private floorUs: DurationUs = us(0);
  private stalls: StallWatch | undefined;

  constructor(options: RunOptions<P>) {
    const { bench, scenario, parameters } = options;
    this.options = options;
    this.streams = scenario.streams(parameters);
    this.measurements = scenario.measurements(parameters);
    this.teardown = new Teardown(bench.clock);
    this.faults = new FaultLog({
      now: () => bench.clock.now(),
      emit: this.emit,
      backlogDrained: (beforeUs) => this.session.ledger.backlogDrained(beforeUs),
      isFinished: (direction) => this.session.isFinished(direction),
    });
    this.observer = new Observer({
      emit: this.emit,
      faults: this.faults,
      onBoot: () => this.session.ledger.deviceRebooted(),
    });
    this.session = new LinkSession({
      clock: bench.clock,
      ports: bench.ports,
      streams: this.streams,
      faults: this.faults,
      observer: this.observer,
      emit: this.emit,
      pollUs: options.pollUs ?? ms(100),
      onFailed: (error) => this.fail(error),
    });
  }

  async run(): Promise<Ending> {
    const { signal } = this.options;
    this.announce();
    const abort = () => this.stop.abort();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    let ending = await this.steps().then(
      () => this.judge(),
      (error: unknown) => this.endingOf(error),
    );
    signal.removeEventListener('abort', abort);
    this.emit({ type: 'run.part', part: 'teardown' });
    const problems = await this.teardown.run();
    for (const text of [...problems, ...this.leftOver()]) {
      this.emit({ type: 'note', text });
      if (ending.outcome === 'PASS') ending = { outcome: 'ERROR', reason: text };
    }
    this.emit({ type: 'run.ended', ...ending, wallMs: this.options.wall.elapsedMs() });
    return ending;
  }

  private readonly emit = (body: RunEventBody): void => {
    this.options.sink({ atUs: this.options.bench.clock.now(), ...body });
  };

  private announce(): void {
    const { scenario, parameters, bench, random, wall } = this.options;
    this.emit({
      type: 'run.started',
      schemaVersion: SCHEMA_VERSION,
      scenario: scenario.name,
      description: scenario.summary,
      seed: random.seed,
      parameters: shownParameters(scenario.parameters, parameters),
      bench: { name: bench.name, kind: bench.kind },
      firmware: { ...bench.firmware },
      startedAt: wall.isoNow(),
      measurements: this.measurements,
      streams: this.streams,
    });
  }

  private async steps(): Promise<void> {
    const { bench, scenario } = this.options;
    this.floorUs = await bench.measureFloor();
    this.watchInstrument();
    await this.bringUp();
    this.emit({ type: 'run.part', part: 'traffic' });
    this.session.startTraffic(bench.clock.now());
    await scenario.run(this.context());
    await this.unlessStopped(this.session.trafficDone());
    this.emit({ type: 'run.part', part: 'drain' });
    await this.waitFor(() => this.session.ledger.undecided() === 0, DRAIN_LIMIT);
    this.session.ledger.finish();
    this.session.ledger.check();
    this.conclude();
  }

  private async bringUp(): Promise<void> {
    const { clock, ports, onBroken } = this.options.bench;
    this.emit({ type: 'run.part', part: 'bring-up' });
    onBroken((reason) => this.fail(new RigError('BENCH', reason)));
    if (ports.console !== undefined) {
      const off = ports.console.onChunk((chunk) => this.observer.console.accept(chunk));
      this.teardown.add('stop reading the console', () => {
        off();
        this.observer.console.flush();
      });
    }
    this.teardown.add('release the lines', () => ports.syn.release());
    if (ports.power !== undefined) await ports.power.on();
    if (ports.accessPoint !== undefined) await ports.accessPoint.on();
    this.teardown.add('clear faults', () => this.clearFaults());
    await this.session.server.start();
    this.teardown.add('close the server', () => this.session.server.close());
    this.teardown.add('close the client', () => this.session.client.close());
    this.teardown.add('stop the traffic', () => this.session.stopTraffic());
    this.session.client.start().catch((error: unknown) => this.fail(asRigError(error)));
    const deadline = later(clock.now(), BRING_UP_LIMIT);
    const isUp = await this.waitFor(() => this.observer.serverUp && this.observer.deviceSaysUp, BRING_UP_LIMIT);
    if (!isUp && clock.now() >= deadline) throw bringUpError(this.observer, toSeconds(BRING_UP_LIMIT));
    this.observer.bringUpDone();
  }

  /** Whatever was broken on purpose is made whole, in the order in which a board starts safely. */
  private async clearFaults(): Promise<void> {
    const { accessPoint, power, reset } = this.options.bench.ports;
    await accessPoint?.on();
    await power?.on();
    await reset?.release();
  }

  private watchInstrument(): void {
    const { clock } = this.options.bench;
    const stalls = new StallWatch(clock);
    this.stalls = stalls;
    this.teardown.add('last look at the instrument', () => {
      stalls.stop();
      timer.cancel();
      this.emit(this.instrument());
    });
    const tick = () => {
      this.emit(this.instrument());
      timer = clock.at('instrument report', later(clock.now(), INSTRUMENT_INTERVAL), tick);
    };
    let timer = clock.at('instrument report', later(clock.now(), INSTRUMENT_INTERVAL), tick);
  }

  private instrument(): RunEventBody {
    const { ports } = this.options.bench;
    return {
      type: 'instrument',
      stallMaxUs: this.stalls?.maxUs ?? us(0),
      missedEdges: ports.ack.missedEdges,
      exchange: { ...this.observer.exchange },
      floorUs: this.floorUs,
    };
  }

  private context() {
    const { bench, parameters, random } = this.options;
    const faults = new FaultInjector({
      clock: bench.clock,
      ports: bench.ports,
      log: this.faults,
      signal: this.stop.signal,
      sightings: {
        lastHeardUs: () => this.observer.lastHeardUs,
        lastRom: () => this.observer.lastRom,
        linkTimeout: LINK_TIMEOUT,
      },
    });
    return {
      parameters,
      clock: bench.clock,
      random: random.fork('scenario'),
      faults,
      note: (text: string) => this.emit({ type: 'note', text }),
      sleep: (duration: DurationUs) => bench.clock.sleep('scenario', duration, this.stop.signal),
      trafficUs: us(Math.max(0, ...this.streams.map((stream) => stream.periodUs * stream.count))),
      trafficDone: () => this.unlessStopped(this.session.trafficDone()),
    };
  }

  private conclude(): void {
    this.options.scenario.conclude({
      streams: this.streams.map((declaration) => ({
        declaration,
        counts: this.session.ledger.counts(declaration.name),
      })),
      faults: this.faults.all.map((fault) => fault.times()),
      boots: { ...this.observer.boots },
      measure: (name, value) => {
        if (!this.measurements.some((measurement) => measurement.name === name)) {
          throw new RigError('BENCH', `The scenario measured "${name}", which it did not declare.`);
        }
        this.measured.set(name, value);
        this.emit({ type: 'measured', name, value });
      },
    });
  }

  private judge(): Ending {
    const doubt = this.doubt();
    if (doubt !== undefined) return { outcome: 'INVALID', reason: doubt };
    return judgeMeasurements(this.measurements, this.measured);
  }

  /** Why the instrument cannot vouch for what it saw, if so. */
  private doubt(): string | undefined {
    const { missedEdges } = this.options.bench.ports.ack;
    if (missedEdges > 0) return `${missedEdges} edges of the ack line were missed.`;
    if (this.observer.hostStalls > 0) {
      return `The rig stalled ${this.observer.hostStalls} times while the device waited for it.`;
    }
    const stallUs = this.stalls?.maxUs ?? us(0);
    if (stallUs > STALL_LIMIT) return `The rig stalled for ${Math.round(toMs(stallUs))} ms.`;
    return undefined;
  }

  private endingOf(error: unknown): Ending {
    if (this.options.signal.aborted) return { outcome: 'ABORTED', reason: 'The run was stopped.' };
    const cause = this.failure ?? error;
    const reason = `${messageOf(cause)}${this.consoleExcerpt()}`;
    if (isRigError(cause, 'INVALID')) return { outcome: 'INVALID', reason: messageOf(cause) };
    if (this.observer.hostStalls > 0) {
      return { outcome: 'INVALID', reason: `The rig stalled while the device waited for it. ${reason}` };
    }
    const isDevices = isRigError(cause, 'TIMEOUT') || isRigError(cause, 'PROTOCOL') || isRigError(cause, 'CLOSED');
    return { outcome: isDevices ? 'FAIL' : 'ERROR', reason };
  }

  private consoleExcerpt(): string {
    const lines = this.observer.console.lastLines().slice(-CONSOLE_LINES_SHOWN);
    if (lines.length === 0) return ' The console stayed silent.';
    return ` The console's last lines:\n${lines.map((line) => `  | ${line}`).join('\n')}`;
  }

  private fail(error: RigError): void {
    this.failure ??= error;
    this.stop.abort();
  }

  /** Polls until `condition` holds; false when it does not within `limit`. */
  private async waitFor(condition: () => boolean, limit: DurationUs): Promise<boolean> {
    const { clock } = this.options.bench;
    const deadline = later(clock.now(), limit);
    while (!condition()) {
      if (clock.now() >= deadline) return false;
      await clock.sleep('wait', POLL, this.stop.signal);
    }
    return true;
  }

  private unlessStopped<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.stop;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new RigError('CANCELLED', 'The run was stopped.'));
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  /** Timers that outlived teardown: defects of the rig. */
  private leftOver(): string[] {
    return this.options.bench.clock
      .pending()
      .filter((name) => !this.options.bench.ownTimers.has(name))
      .map((name) => `The timer "${name}" outlived teardown; this is a defect of the rig.`);
  }
}

function asRigError(error: unknown): RigError {
  return error instanceof RigError ? error : new RigError('BENCH', messageOf(error), { cause: error });
}

/** Parameters as a reader wants them: durations in milliseconds, with the unit in the name. */
function shownParameters<P extends ParameterDeclarations>(
  declarations: P,
  values: ParameterValues<P>,
): Record<string, string | number | boolean> {
  const shown: Record<string, string | number | boolean> = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const value: unknown = Reflect.get(values, name);
    if (declaration.kind === 'duration') shown[name] = `${toMs(instant(Number(value)))}ms`;
    else if (typeof value === 'number' || typeof value === 'boolean') shown[name] = value;
  }
  return shown;
}

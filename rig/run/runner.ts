/**
 * Runs one scenario on one bench, from bring-up to guaranteed teardown, and says how it ended. Everything that
 * happens becomes an event; the result is computed from the events alone.
 */
import { messageOf, RigError } from '../errors.js';
import { FaultLog } from '../faults/fault-log.js';
import { FaultInjector } from '../faults/injector.js';
import type { Random } from '../random.js';
import { ScopedClock } from '../time/scoped-clock.js';
import { type DurationUs, instant, later, ms, seconds, toMs, us } from '../time/units.js';
import type { Bench } from './bench.js';
import type { MeasurementDeclaration, StreamDeclaration } from './declarations.js';
import { bringUpError, type Ending, endingOfBrokenRun, endingOfCompleteRun } from './ending.js';
import { type EventSink, type RunEventBody, SCHEMA_VERSION } from './events.js';
import { InstrumentWatch } from './instrument-watch.js';
import { LINK_TIMEOUT, LinkSession } from './link-session.js';
import { Observer } from './observer.js';
import type { RunResult } from './result.js';
import { createResultBuilder, type ResultBuilder } from './result-builder.js';
import type { ParameterDeclarations, ParameterValues, Scenario } from './scenario.js';
import { Teardown } from './teardown.js';

/** From power-on to messages both ways. A device that tries both credentials and fails needs 45 s to say so. */
export const BRING_UP_LIMIT: DurationUs = seconds(120);
const POLL: DurationUs = ms(50);

export interface RunOptions<P extends ParameterDeclarations = ParameterDeclarations> {
  readonly scenario: Scenario<P>;
  readonly parameters: ParameterValues<P>;
  readonly bench: Bench;
  readonly random: Random;
  readonly sink: EventSink;
  /** Aborting it ends the run as ABORTED, after teardown. */
  readonly signal: AbortSignal;
  /** Aborting it ends waits of teardown; every step is still begun. */
  readonly hurry?: AbortSignal;
  /** Wall clock: a label and a figure for the reader, never used to measure. */
  readonly wall: { isoNow(): string; elapsedMs(): number };
  /** From the end of one exchange to the start of the next; 100 ms unless told. */
  readonly pollUs?: DurationUs;
}

/** Runs the scenario. Always resolves: whatever goes wrong becomes the outcome. */
export async function runScenario<P extends ParameterDeclarations>(
  options: RunOptions<P>,
): Promise<RunResult> {
  const { bench } = options;
  const results = createResultBuilder();
  const sink: EventSink = (event) => {
    results.apply(event);
    options.sink(event);
  };
  try {
    const floorUs = await bench.measureFloor();
    await bench.run(() => new ScenarioRun({ ...options, sink }, results, floorUs).run());
  } catch (error) {
    const reason = messageOf(error);
    const atUs = bench.clock.now();
    sink({ type: 'run.ended', atUs, outcome: 'ERROR', reason, wallMs: options.wall.elapsedMs() });
  }
  return results.result();
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
  /** Only the run's own timers: those of the bench's simulation go on. */
  private readonly clock: ScopedClock;
  private readonly results: ResultBuilder;
  private readonly floorUs: DurationUs;
  private readonly pollUs: DurationUs;
  private failure: RigError | undefined;
  private watch: InstrumentWatch | undefined;

  constructor(options: RunOptions<P>, results: ResultBuilder, floorUs: DurationUs) {
    const { bench, scenario, parameters } = options;
    this.options = options;
    this.results = results;
    this.floorUs = floorUs;
    this.clock = new ScopedClock(bench.clock);
    this.streams = scenario.streams(parameters);
    this.measurements = scenario.measurements(parameters);
    this.teardown = new Teardown(this.clock);
    this.pollUs = options.pollUs ?? ms(100);
    this.faults = new FaultLog({
      now: () => bench.clock.now(),
      emit: this.emit,
      onInjected: (fault) => this.session.ledger.struckBy(fault),
      backlogDrained: (beforeUs) => this.session.ledger.backlogDrained(beforeUs),
      isFinished: (direction) => this.session.isFinished(direction),
    });
    this.observer = new Observer({
      emit: this.emit,
      faults: this.faults,
      onBoot: () => this.session.ledger.deviceRebooted(),
    });
    this.session = new LinkSession({
      clock: this.clock,
      ports: bench.ports,
      streams: this.streams,
      faults: this.faults,
      observer: this.observer,
      emit: this.emit,
      pollUs: this.pollUs,
      onFailed: (error) => this.fail(error),
    });
  }

  async run(): Promise<void> {
    const { signal } = this.options;
    this.announce();
    const abort = () => this.stop.abort();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    let ending = await this.steps().then(
      () => endingOfCompleteRun(this.measurements, this.measured, this.watch?.doubt()),
      (error: unknown) => this.endingOf(error),
    );
    signal.removeEventListener('abort', abort);
    this.emit({ type: 'run.part', part: 'teardown' });
    const problems = await this.teardown.run(this.options.hurry);
    for (const text of [...problems, ...this.leftOver()]) {
      this.emit({ type: 'note', text });
      if (ending.outcome === 'PASS') ending = { outcome: 'ERROR', reason: text };
    }
    this.emit({ type: 'run.ended', ...ending, wallMs: this.options.wall.elapsedMs() });
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
    const watch = new InstrumentWatch({
      clock: this.clock,
      ack: bench.ports.ack,
      observer: this.observer,
      floorUs: this.floorUs,
      emit: this.emit,
    });
    this.watch = watch;
    this.teardown.add('last look at the instrument', () => watch.stop());
    await this.bringUp();
    this.emit({ type: 'run.part', part: 'traffic' });
    this.session.startTraffic(bench.clock.now());
    await scenario.run(this.context());
    await this.unlessStopped(this.session.trafficDone());
    this.emit({ type: 'run.part', part: 'drain' });
    await this.session.drain((condition, limit) => this.waitFor(condition, limit));
    this.session.ledger.finish();
    this.session.ledger.check();
    this.conclude();
  }

  private async bringUp(): Promise<void> {
    const { bench } = this.options;
    const { ports } = bench;
    this.emit({ type: 'run.part', part: 'bring-up' });
    bench.onBroken((error) => this.fail(error));
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
    const isUp = await this.waitFor(
      () => this.observer.serverUp && this.observer.deviceSaysUp,
      BRING_UP_LIMIT,
    );
    if (!isUp) throw bringUpError(this.observer, BRING_UP_LIMIT);
    this.observer.bringUpDone();
  }

  /** Whatever was broken on purpose is made whole, in the order in which a board starts safely. */
  private async clearFaults(): Promise<void> {
    const { accessPoint, power, reset } = this.options.bench.ports;
    await accessPoint?.on();
    await power?.on();
    await reset?.release();
  }

  private context() {
    const { bench, parameters, random } = this.options;
    const faults = new FaultInjector({
      clock: this.clock,
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
      clock: this.clock,
      random: random.fork('scenario'),
      faults,
      note: (text: string) => this.emit({ type: 'note', text }),
      sleep: (duration: DurationUs) => this.clock.sleep('scenario', duration, this.stop.signal),
      insideExchange: async (offset: DurationUs) => {
        await this.unlessStopped(this.session.exchangeEnded());
        await this.clock.sleep('scenario', us(this.pollUs + offset), this.stop.signal);
      },
      trafficUs: us(Math.max(0, ...this.streams.map((stream) => stream.periodUs * stream.count))),
      trafficDone: () => this.unlessStopped(this.session.trafficDone()),
    };
  }

  private conclude(): void {
    this.options.scenario.conclude({
      streams: this.results.result().streams,
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

  private endingOf(error: unknown): Ending {
    if (this.options.signal.aborted) return { outcome: 'ABORTED', reason: 'The run was stopped.' };
    return endingOfBrokenRun(this.failure ?? error, this.observer);
  }

  private fail(error: RigError): void {
    this.failure ??= error;
    this.stop.abort();
  }

  /** Polls until `condition` holds; false when it does not within `limit`. */
  private async waitFor(condition: () => boolean, limit: DurationUs): Promise<boolean> {
    const { clock } = this;
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
    return this.clock
      .pending()
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

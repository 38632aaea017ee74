/**
 * One run of a scenario: bring-up, traffic, drain, and teardown whatever happened. What it does is in the events
 * that it emits, the last of which says how it ended.
 */
import { messageOf, RigError } from '../errors.js';
import { FaultLog } from '../faults/fault-log.js';
import { FaultInjector } from '../faults/injector.js';
import { DEFAULT_POLL } from '../link/exchanger.js';
import { ScopedClock } from '../time/scoped-clock.js';
import { type DurationUs, type InstantUs, instant, ORIGIN, seconds, us } from '../time/units.js';
import { bringUp } from './bring-up.js';
import type { StreamDeclaration } from './declarations.js';
import { type Ending, endingOfBrokenRun, endingOfCompleteRun, isTheDevices } from './ending.js';
import type { RunEventBody } from './events.js';
import { hasNeed } from './has-need.js';
import { InstrumentWatch } from './instrument-watch.js';
import { interrogate } from './interrogation.js';
import { DRAIN_LIMIT, LinkSession } from './link-session.js';
import { Observer } from './observer.js';
import type { Redactor } from './redaction.js';
import type { ResultBuilder } from './result-builder.js';
import type { RunOptions } from './run-options.js';
import type { Declared } from './run-started.js';
import { RunWaits } from './run-waits.js';
import type { ParameterDeclarations, ScenarioContext } from './scenario.js';
import { Teardown } from './teardown.js';

/** Making a bench safe has bounded steps of its own: access point, lines, bus, supply, reset. */
const SAFE_LIMIT: DurationUs = seconds(60);

const lastsUs = ({ periodUs, burst = 1, count }: StreamDeclaration): number =>
  periodUs * Math.ceil(count / burst);

export class ScenarioRun<P extends ParameterDeclarations> {
  private readonly options: RunOptions<P>;
  private readonly declared: Declared;
  private readonly measured = new Map<string, number>();
  private readonly faults: FaultLog;
  private readonly observer: Observer;
  private readonly session: LinkSession;
  private readonly teardown: Teardown;
  /** Aborted by the user's signal, and by anything that makes it pointless to go on. */
  private readonly stop = new AbortController();
  /** Only the run's own timers: those of the bench's simulation go on. */
  private readonly clock: ScopedClock;
  private readonly waits: RunWaits;
  private readonly results: ResultBuilder;
  private readonly floorUs: DurationUs;
  private failure: RigError | undefined;
  /** As many as the runner puts up with. */
  private readonly defects: RigError[] = [];
  private watch: InstrumentWatch | undefined;

  constructor(
    options: RunOptions<P>,
    declared: Declared,
    results: ResultBuilder,
    { floorUs, redactor }: { readonly floorUs: DurationUs; readonly redactor: Redactor },
  ) {
    const { bench } = options;
    this.options = options;
    this.results = results;
    this.floorUs = floorUs;
    this.clock = new ScopedClock(bench.clock);
    this.declared = declared;
    this.waits = new RunWaits(this.clock, this.stop.signal);
    this.teardown = new Teardown(this.clock);
    this.faults = new FaultLog({
      now: () => bench.clock.now(),
      emit: this.emit,
      onInjected: (fault) => {
        this.session.ledger.struckBy(fault);
        this.session.memory.struck(this.observer.boots.total);
      },
      backlogDrained: (beforeUs) => this.session.ledger.backlogDrained(beforeUs),
      isFinished: (direction) => this.session.isFinished(direction),
    });
    this.observer = new Observer({
      emit: this.emit,
      faults: this.faults,
      redactor,
      romSpeaks: bench.romSpeaks ?? false,
      onBoot: () => this.session.deviceRebooted(),
    });
    this.session = new LinkSession({
      clock: this.clock,
      ports: bench.ports,
      server: bench.server,
      ...(bench.i2cAddress !== undefined && { i2cAddress: bench.i2cAddress }),
      ...(bench.resetPulseUs !== undefined && { resetPulseUs: bench.resetPulseUs }),
      streams: declared.streams,
      faults: this.faults,
      observer: this.observer,
      emit: this.emit,
      pollUs: options.pollUs ?? DEFAULT_POLL,
      onFailed: (error) => this.fail(error),
    });
  }

  async run(): Promise<void> {
    const { signal } = this.options;
    const abort = () => this.stop.abort();
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    let ending = await this.steps().then(
      () => endingOfCompleteRun(this.declared.measurements, this.measured, this.watch?.doubt()),
      (error: unknown) => this.endingOf(error),
    );
    signal.removeEventListener('abort', abort);
    // A scenario that broke may have left a fault under way: it puts right what it broke, and waits for nothing more.
    this.stop.abort();
    const patientSinceUs = this.patientSinceUs();
    const defectsBefore = this.defects.length;
    let problems: readonly string[] = [];
    try {
      this.emit({ type: 'run.part', part: 'teardown' });
    } finally {
      problems = await this.teardown.run(this.options.hurry);
    }
    // Only now does nothing arrive any more.
    this.session.ledger.abandon(patientSinceUs);
    const late = this.defects.slice(defectsBefore).map(messageOf);
    for (const text of [...problems, ...late, ...this.leftOver()]) {
      this.emit({ type: 'note', text });
      if (ending.outcome === 'PASS') ending = { outcome: 'ERROR', reason: text };
    }
    this.emit({ type: 'run.ended', ...ending, wallMs: this.options.wall.elapsedMs() });
  }

  private readonly emit = (body: RunEventBody): void => {
    this.options.sink({ atUs: this.options.bench.clock.now(), ...body });
  };

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
    this.teardown.add('make the bench safe', () => this.makeSafe(), SAFE_LIMIT);
    this.teardown.add('last look at the instrument', () => watch.stop());
    this.emit({ type: 'run.part', part: 'bring-up' });
    bench.onBroken((error) => this.fail(error));
    await bringUp({
      ports: bench.ports,
      session: this.session,
      observer: this.observer,
      teardown: this.teardown,
      waits: this.waits,
      onFailed: (error) => this.fail(error),
    });
    this.emit({ type: 'run.part', part: 'traffic' });
    this.session.startTraffic(bench.clock.now());
    await scenario.run(this.context());
    await this.waits.for(this.session.trafficDone());
    this.emit({ type: 'run.part', part: 'drain' });
    await this.session.drain((condition, limit) => this.waits.until(condition, limit));
    this.session.ledger.finish();
    this.session.ledger.check();
    this.conclude();
  }

  private context(): ScenarioContext<P> {
    const { bench, parameters, random } = this.options;
    const faults = new FaultInjector({
      clock: this.clock,
      ports: bench.ports,
      log: this.faults,
      signal: this.stop.signal,
      link: this.session.inHand,
      device: {
        starts: this.observer.starts,
        note: (text) => this.emit({ type: 'note', text }),
      },
      lines: {
        strayLines: this.session.strayLines,
        lastReboot: () => this.observer.lastReboot,
        lastDamage: () => this.session.lastDamage,
        exchanges: this.session.exchanges,
        expectDamage: () => this.session.ledger.expectDamage(),
      },
      program: {
        startsSince: (sinceUs) => this.observer.starts.since(sinceUs),
        lastStartUs: () => this.observer.starts.last?.atUs,
        exchanges: () => this.observer.exchange,
      },
      sightings: {
        lastHeardUs: () => this.observer.lastHeardUs,
        lastConnectionUs: () => this.observer.lastConnectionUs,
        lastDownUs: () => this.observer.lastDownUs,
        serverUp: () => this.observer.serverUp,
        transits: this.observer.transits,
        lastRom: () => this.observer.lastRom,
        linkTimeout: bench.server.timeoutUs,
      },
    });
    return {
      parameters,
      clock: this.clock,
      random: random.fork('scenario'),
      faults,
      note: (text: string) => this.emit({ type: 'note', text }),
      measure: this.measure,
      offerLine: (direction, lengthBytes) => this.waits.for(this.session.offerLine(direction, lengthBytes)),
      sleep: (duration: DurationUs) => this.waits.sleep(duration),
      insideExchange: async (offset: DurationUs) => {
        await this.waits.for(this.session.exchangeEnded());
        await this.waits.for(this.session.exchangeStarted());
        await this.waits.sleep(offset);
      },
      has: (need) => hasNeed(bench.ports, need),
      trafficUs: us(Math.max(0, ...this.declared.streams.map(lastsUs))),
      trafficDone: () => this.waits.for(this.session.trafficDone()),
    };
  }

  private conclude(): void {
    const result = this.results.result();
    this.options.scenario.conclude({
      streams: result.streams,
      unexpected: result.unexpected,
      anomalies: this.session.damage.counts(),
      promises: this.session.promises.counts(),
      memory: this.session.memory.trend(),
      result,
      server: this.options.bench.server,
      faults: this.faults.times(),
      boots: { ...this.observer.boots },
      measure: this.measure,
    });
  }

  private readonly measure = (name: string, value: number): void => {
    if (!this.declared.measurements.some((measurement) => measurement.name === name)) {
      throw new RigError('BENCH', `The scenario measured "${name}", which it did not declare.`);
    }
    this.measured.set(name, value);
    this.emit({ type: 'measured', name, value });
  };

  private async makeSafe(): Promise<void> {
    const problems = (await this.options.bench.makeSafe?.()) ?? [];
    if (problems.length > 0) throw new RigError('BENCH', problems.join(' '));
  }

  private async endingOf(error: unknown): Promise<Ending> {
    const { signal, bench } = this.options;
    const reason = this.failure ?? error;
    if (!signal.aborted && isTheDevices(reason)) {
      await interrogate(bench.ports.console, this.clock, this.observer);
    }
    if (signal.aborted) return { outcome: 'ABORTED', reason: 'The run was stopped.' };
    return endingOfBrokenRun(reason, this.observer, this.watch?.doubt());
  }

  /**
   * What was accepted before has had, without a fault, as long as a drain gives it: a run that is cut short may call it
   * lost, too.
   */
  private patientSinceUs(): InstantUs {
    const sinceUs = instant(this.options.bench.clock.now() - DRAIN_LIMIT);
    const fault = this.faults.last;
    const isCalm = fault === undefined || (fault.clearedUs !== undefined && fault.clearedUs <= sinceUs);
    return isCalm ? sinceUs : ORIGIN;
  }

  /** Ends the run because of a defect of the rig or of its bench; a run that is ending already tells it as well. */
  defect(error: RigError): void {
    this.defects.push(error);
    this.fail(error);
  }

  private fail(error: RigError): void {
    this.failure ??= error;
    this.stop.abort();
  }

  /** Timers that outlived teardown: defects of the rig. */
  private leftOver(): string[] {
    return this.clock
      .pending()
      .map((name) => `The timer "${name}" outlived teardown; this is a defect of the rig.`);
  }
}

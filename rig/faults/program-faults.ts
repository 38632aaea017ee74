/**
 * Faults of the program on the device: its application dies by Ctrl-C, or something in it never ends. Put there over the
 * console, as somebody with a terminal would; proved by what the server and the client see, and by whether the prompt
 * echoes. The device is then started again by its watchdog or by the client, whichever is first.
 */
import { RigError } from '../errors.js';
import type { BenchPorts, UartConsole } from '../ports.js';
import type { FaultTimes } from '../run/scenario.js';
import type { Clock } from '../time/clock.js';
import {
  type DurationUs,
  elapsed,
  type InstantUs,
  later,
  ms,
  seconds,
  toSeconds,
  us,
} from '../time/units.js';
import type { AirSightings } from './air-proofs.js';
import { BoardPrompt } from './board-prompt.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import { awaitRecovery } from './recovery.js';
import { unproved } from './unproved.js';
import { showsBy } from './waits.js';

/** What never ends. */
export type HangPlace = 'application' | 'handler';

/** What faults of the program need to see of the rest of the rig. */
export interface ProgramSightings {
  /** The chip's starts after an instant, by its ROM's messages. `isOwn`: the rig made it. */
  startsSince(
    sinceUs: InstantUs,
  ): readonly { readonly atUs: InstantUs; readonly cause: number; readonly isOwn: boolean }[];
  /** When the chip last started. */
  lastStartUs(): InstantUs | undefined;
  /** Exchanges of the client so far. */
  exchanges(): { readonly count: number; readonly failed: number };
}

/** The end of a program, and how the device came back from it. */
export interface ProgramDeath extends FaultTimes {
  /** From the fault until the client began to reboot the device; undefined when that was not seen. */
  readonly noticedUs: DurationUs | undefined;
  /** Who started the device again: the client by its reset wire, or the chip of itself, by a watchdog. */
  readonly endedBy: 'client' | 'chip';
  /** What the ROM said of that start. */
  readonly cause: number;
  /** What the device answered when it was asked something at its prompt, and how long after its start that was. */
  readonly answer?: { readonly text: string; readonly upForUs: DurationUs };
}

export interface ProgramFaultsOptions {
  readonly clock: Clock;
  readonly ports: Pick<BenchPorts, 'console'>;
  readonly log: FaultLog;
  readonly sightings: AirSightings;
  readonly program: ProgramSightings;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

/**
 * Typed at the prompt. What never ends is compiled by `exec`, as a loop of several lines would meet the prompt's automatic
 * indentation. While a timer's callback runs, no other handler does.
 */
const HANGS: Readonly<Record<HangPlace, string>> = {
  application: 'exec("while 1:pass")',
  handler:
    'exec("def h(t):\\n while 1:pass");machine.Timer(-1).init(period=1,mode=machine.Timer.ONE_SHOT,callback=h)',
};
const IMPORT = 'import machine;';
const ARM_WATCHDOG = 'machine.WDT();';

const POLL: DurationUs = ms(20);
/** An exchange waits for one second at most, and one begins every tenth of a second (docs/protocol.md §3, §4). */
const UNANSWERED_WITHIN: DurationUs = seconds(3);
/** 4 s without keepalives and one exchange (docs/protocol.md §4), a hardware watchdog of 8 s, and as much again. */
const ENDED_WITHIN: DurationUs = seconds(20);

export class ProgramFaults {
  private readonly options: ProgramFaultsOptions;

  constructor(options: ProgramFaultsOptions) {
    this.options = options;
  }

  /** See `FaultControl.appCrash`. */
  async crash(question?: string): Promise<ProgramDeath> {
    const { log } = this.options;
    const fault = log.inject('app-crash', 'Ctrl-C on the console');
    return await this.atPrompt(fault, async (prompt) => {
      const text = question === undefined ? undefined : await prompt.ask(question);
      const upForUs = elapsed(
        this.options.program.lastStartUs() ?? fault.injectedUs,
        this.options.clock.now(),
      );
      if (!(await prompt.echoes())) throw unproved(fault, 'the prompt does not echo what is typed at it');
      await this.handlerOutlives(fault, 'the prompt is there');
      return text === undefined ? {} : { answer: { text, upForUs } };
    });
  }

  /** See `FaultControl.hang`. */
  async hang(place: HangPlace, withWatchdog: boolean): Promise<ProgramDeath> {
    const { log } = this.options;
    const armed = withWatchdog ? ', with machine.WDT() armed' : '';
    const fault = log.inject(`${place === 'application' ? 'app' : place}-hang`, `a loop without end${armed}`);
    return await this.atPrompt(fault, async (prompt) => {
      const before = this.options.program.exchanges().failed;
      await prompt.start(`${IMPORT}${withWatchdog ? ARM_WATCHDOG : ''}${HANGS[place]}`);
      if (place === 'handler') {
        await this.handlerHangs(fault, before);
        return {};
      }
      if (await prompt.echoes()) throw unproved(fault, 'the prompt is still there');
      await this.handlerOutlives(fault, 'the prompt is gone');
      return {};
    });
  }

  /** Gets to the prompt, does something there that is the fault, and waits until the device is back. */
  private async atPrompt(
    fault: ActiveFault,
    act: (prompt: BoardPrompt) => Promise<Pick<ProgramDeath, 'answer'>>,
  ): Promise<ProgramDeath> {
    const { clock, log, signal } = this.options;
    const console = this.console();
    const prompt = new BoardPrompt(console, clock, signal);
    let told: Pick<ProgramDeath, 'answer'>;
    try {
      if (!(await prompt.interrupt())) throw unproved(fault, 'no prompt came after Ctrl-C');
      told = await act(prompt);
    } finally {
      prompt.close();
    }
    // A watchdog announces nothing: the ROM is to be readable whoever makes it print.
    await console.expectRom(ENDED_WITHIN);
    const start = await this.nextStart(fault);
    const noticedUs = fault.steps.get('seen by the client');
    log.cleared(fault);
    const times = await awaitRecovery(fault, this.options);
    const seenUs = noticedUs ?? fault.steps.get('seen by the client');
    return {
      ...times,
      ...told,
      noticedUs: seenUs === undefined ? undefined : elapsed(fault.injectedUs, seenUs),
      endedBy: start.isOwn ? 'client' : 'chip',
      cause: start.cause,
    };
  }

  /** The server hears nothing of a device whose exchanges are answered: the application is dead, the handler is not. */
  private async handlerOutlives(fault: ActiveFault, prompt: string): Promise<void> {
    const { clock, log, sightings } = this.options;
    const before = this.options.program.exchanges().count;
    const answeredSince = () => this.options.program.exchanges().count - before;
    const hasStarted = () => this.options.program.startsSince(fault.injectedUs).length > 0;
    // What was silent before the fault proves nothing of it.
    const sinceUs = () => Math.max(sightings.lastHeardUs() ?? 0, fault.injectedUs);
    const silentFor = () => us(clock.now() - sinceUs());
    const isDead = () => silentFor() >= sightings.linkTimeout / 2 && answeredSince() > 0;
    await this.poll(ENDED_WITHIN, () => isDead() || hasStarted());
    const answered = answeredSince();
    if (!isDead() || hasStarted()) {
      throw unproved(
        fault,
        `the server heard nothing for ${toSeconds(silentFor()).toFixed(2)} s, and ${answered} exchanges were answered meanwhile`,
      );
    }
    const silentMs = Math.round(silentFor() / 1_000);
    log.proved(
      fault,
      `${prompt}, the server heard nothing for ${silentMs} ms, and ${answered} exchanges were answered meanwhile`,
    );
  }

  /** An exchange is not answered, although nothing has started the device anew. */
  private async handlerHangs(fault: ActiveFault, failedBefore: number): Promise<void> {
    const { log } = this.options;
    const isUnanswered = await this.poll(
      UNANSWERED_WITHIN,
      () => this.options.program.exchanges().failed > failedBefore,
    );
    if (!isUnanswered || this.options.program.startsSince(fault.injectedUs).length > 0) {
      throw unproved(
        fault,
        'exchanges are still answered, or the device has started anew before one was not',
      );
    }
    log.proved(fault, 'an exchange was not answered, and the chip had not started anew');
  }

  private async nextStart(fault: ActiveFault): Promise<ReturnType<ProgramSightings['startsSince']>[number]> {
    await this.poll(ENDED_WITHIN, () => this.options.program.startsSince(fault.injectedUs).length > 0);
    const [start] = this.options.program.startsSince(fault.injectedUs);
    if (start !== undefined) return start;
    throw new RigError(
      'TIMEOUT',
      `The program on the device is dead (fault ${fault.number}, ${fault.kind}), and nothing has started the device anew ` +
        `within ${toSeconds(ENDED_WITHIN)} s: the client saw no reason to, or its reset did not reach the device.`,
    );
  }

  private poll(limit: DurationUs, condition: () => boolean): Promise<boolean> {
    return showsBy(this.options, later(this.options.clock.now(), limit), POLL, condition);
  }

  private console(): UartConsole {
    const { console } = this.options.ports;
    if (console !== undefined) return console;
    throw new RigError('BENCH', 'The bench has no console; the scenario needs one.');
  }
}

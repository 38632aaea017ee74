/**
 * Faults that keep the device from starting: a supply that gives way, straps that stand wrong, a boot.py that is wrong. Each
 * is proved by what the device prints, on which no actuator has a hold; and by that alone the rig has to name it.
 */
import { bootModeOfBus, describeBootMode } from '../device/boot-mode.js';
import { LOOP_STARTS, type Start, type StartHistory } from '../device/start-history.js';
import { describeTrouble, interruptedPlace, type StartTrouble } from '../device/start-trouble.js';
import type { BusLines, PowerSwitch, ResetButton, UartConsole } from '../ports.js';
import { ROM_WINDOW } from '../run/announce-boots.js';
import type { FaultTimes } from '../run/scenario.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, later, ms, toSeconds, us } from '../time/units.js';
import { ROM_MESSAGE_LIMIT } from './board-proofs.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { LinkHandle } from './link-handle.js';
import { RailWatch } from './rail-watch.js';
import { awaitRecovery } from './recovery.js';
import { unproved } from './unproved.js';
import { sleepUntil } from './waits.js';
import { putWrongBoot, takeWrongBoot, type WrongBoot } from './wrong-boot.js';

/** What is known of the device's starts, and where what is made of them is told. */
export interface StartRecord {
  readonly starts: StartHistory;
  note(text: string): void;
}

export interface StartFaultsOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly device: StartRecord;
  readonly link: Pick<LinkHandle, 'hold'>;
  readonly console: UartConsole;
  readonly signal: AbortSignal;
}

const POLL: DurationUs = ms(20);
/** Far longer than the chip needs to see that it is reset. */
const STRAP_PULSE: DurationUs = ms(50);

export class StartFaults {
  private readonly options: StartFaultsOptions;

  constructor(options: StartFaultsOptions) {
    this.options = options;
  }

  /** `sag`: what weakens the supply until it is switched on. */
  async brownOut(power: PowerSwitch, sag: () => Promise<void>, duration: DurationUs): Promise<FaultTimes> {
    const fault = this.inject('brown-out', `supply too weak for ${toSeconds(duration)} s`);
    const rail = new RailWatch(power);
    try {
      await sag();
      await this.watchStarts(fault, duration, rail);
    } finally {
      await power.on();
    }
    if (fault.evidence === undefined) throw unproved(fault, rail.whyNoLoop());
    this.name(fault, (trouble) => trouble?.kind === 'boot loop');
    return await this.recovery(fault);
  }

  async strapHeld(
    bus: BusLines,
    reset: ResetButton,
    line: keyof BusLines,
    duration: DurationUs,
  ): Promise<FaultTimes> {
    const name = line.toUpperCase();
    const fault = this.inject('boot-strap', `${name} held low while reset is released`);
    const giveBack = await this.options.link.hold(`${name} is held low, to see how the device starts`);
    try {
      await bus[line].pull();
      if ((await bus[line].read()) === 1) {
        throw unproved(fault, `${name} is pulled low and reads high; check the wire between host and bus`);
      }
      const mode = bootModeOfBus(await bus.scl.read(), await bus.sda.read());
      await this.resetAsItIs(reset);
      await this.provedMode(fault, mode);
      this.name(fault, (trouble) => trouble?.kind === 'boot mode' && trouble.mode === mode);
      await sleepUntil(this.options, later(fault.injectedUs, duration));
    } finally {
      await bus[line].release().finally(giveBack);
    }
    return await this.recovery(fault);
  }

  async wrongBoot(kind: WrongBoot, duration: DurationUs): Promise<FaultTimes> {
    const { link } = this.options;
    const fault = this.inject(kind === 'loop' ? 'boot-loop' : 'boot-lock-up', detailOf[kind]);
    const giveBack = await link.hold('its boot.py is replaced by a wrong one');
    await putWrongBoot(this.options, kind).finally(giveBack);
    // The client resets the device now, as it does with any that it finds silent; no more is needed.
    try {
      await this.watchStarts(fault, duration);
    } finally {
      await this.rescue(fault, kind);
    }
    if (fault.evidence === undefined) {
      throw unproved(fault, 'the chip neither reset itself, nor was it in boot.py when it was interrupted');
    }
    return await this.recovery(fault);
  }

  /** Also when the run is stopped: a device with a wrong boot.py is of no use to anybody. */
  private async rescue(fault: ActiveFault, kind: WrongBoot): Promise<void> {
    const { device, link, log } = this.options;
    // A client that has given up has let go of the device.
    const giveBack = await link.hold('it is rescued from a wrong boot.py').catch(() => () => undefined);
    const printed = await takeWrongBoot(this.options).finally(giveBack);
    const place = interruptedPlace(printed);
    if (place === undefined) return;
    device.starts.interruptedAt(place);
    if (kind === 'lock-up' && place.file === 'boot.py') {
      log.proved(fault, `Ctrl-C found it in ${place.file}, line ${place.line}`);
    }
    const wanted = kind === 'loop' ? 'boot loop' : kind;
    this.name(
      fault,
      (trouble) => trouble?.kind === wanted && 'place' in trouble && trouble.place?.file === 'boot.py',
    );
  }

  private inject(kind: string, detail: string): ActiveFault {
    const fault = this.options.log.inject(kind, detail);
    fault.isUnsteady = true;
    return fault;
  }

  /** What the rig makes of it, in the words of a run that ends with it. */
  private name(fault: ActiveFault, isRight: (trouble: StartTrouble | undefined) => boolean): void {
    const { device } = this.options;
    const trouble = device.starts.trouble();
    fault.namedRight = isRight(trouble);
    if (trouble !== undefined) device.note(describeTrouble(trouble));
  }

  /** Proves that the chip starts again and again, if it does; lasts as long as the fault. */
  private async watchStarts(fault: ActiveFault, duration: DurationUs, rail?: RailWatch): Promise<void> {
    const { clock, log, device, console, signal } = this.options;
    const until = later(fault.injectedUs, duration);
    let latest: Start | undefined;
    while (clock.now() < until) {
      await rail?.look();
      const starts = device.starts.since(fault.injectedUs).filter(({ isOwn }) => !isOwn);
      if (fault.evidence === undefined && starts.length >= LOOP_STARTS) {
        const seconds = toSeconds(elapsed(fault.injectedUs, clock.now())).toFixed(1);
        const how = rail?.text() ?? '';
        log.proved(fault, `the ROM printed ${starts.length} starts by itself within ${seconds} s${how}`);
      }
      // Every further start prints at the ROM's rate too.
      if (starts.at(-1) !== latest) await console.expectRom(ROM_WINDOW).catch(() => undefined);
      latest = starts.at(-1);
      await clock.sleep('fault', us(Math.min(POLL, Math.max(0, elapsed(clock.now(), until)))), signal);
    }
  }

  /** A press that ends early lets go whatever the bus lines do; one that ends by itself would refuse. */
  private async resetAsItIs(reset: ResetButton): Promise<void> {
    const { clock, device, signal } = this.options;
    const press = reset.press(us(2 * STRAP_PULSE));
    // What it rejects with is told below, after the pin has been let go.
    press.catch(() => undefined);
    try {
      await clock.sleep('fault', STRAP_PULSE, signal);
    } finally {
      device.starts.expectOwn();
      await reset.release();
      await press;
    }
  }

  private async provedMode(fault: ActiveFault, mode: number): Promise<void> {
    const { clock, log, device, signal } = this.options;
    const limit = later(clock.now(), ROM_MESSAGE_LIMIT);
    let start: Start | undefined;
    while (start === undefined && clock.now() < limit) {
      await clock.sleep('fault', POLL, signal);
      start = device.starts.since(fault.injectedUs).at(-1);
    }
    if (start === undefined) throw unproved(fault, 'no ROM message was seen on the console');
    if (start.mode !== mode) {
      throw unproved(fault, `the bus lines call for boot mode ${mode}, and the ROM printed ${start.mode}`);
    }
    log.proved(fault, `the ROM printed boot mode ${mode}: ${describeBootMode(mode)}`);
  }

  private recovery(fault: ActiveFault): Promise<FaultTimes> {
    this.options.log.cleared(fault);
    return awaitRecovery(fault, this.options);
  }
}

const detailOf: Readonly<Record<WrongBoot, string>> = {
  loop: 'a boot.py that resets the chip',
  'lock-up': 'a boot.py that waits for ever',
};

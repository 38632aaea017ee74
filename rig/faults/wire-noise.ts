/**
 * Faults of the wires between host and device. What a bus without a checksum and two lines without a filter make of them is
 * the device's and the client's affair; that each fault happened is proved by what the client had to do, by what arrived, by
 * how long exchanges took, or by a probe on the wire.
 */
import type { Level } from '../ports.js';
import type { Clock } from '../time/clock.js';
import {
  type DurationUs,
  earliest,
  elapsed,
  type InstantUs,
  later,
  ms,
  seconds,
  toMs,
} from '../time/units.js';
import type { LinkWire, TransferFault, TransferSizes, WireFaults } from '../wire-faults.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { LinkSightings } from './link-sightings.js';
import { DEATH_SHOWS_WITHIN } from './oversize-line.js';
import { unproved } from './unproved.js';

export type WireFault =
  /** So many transfers in a row are not acknowledged. */
  | { readonly kind: 'nack'; readonly transfers: number }
  /** One bit is wrong in headers, or in payloads, until it shows: `places` says where, 0 the first bit, below 1 the last. */
  | { readonly kind: 'header-flip' | 'payload-flip'; readonly places: readonly number[] }
  /** A wire is held for that long; one of the bus no longer than until the client resets the device. */
  | {
      readonly kind: 'stuck';
      readonly wire: LinkWire;
      readonly level: Level;
      readonly duration: DurationUs;
    }
  /** Presses of reset do not reach the device until that long after the first; transfers fail, so that the client presses. */
  | { readonly kind: 'deaf-reset'; readonly duration: DurationUs }
  /** A wire is turned round for a moment. */
  | { readonly kind: 'glitch'; readonly wire: LinkWire; readonly width: DurationUs }
  /** The clock of every transfer is stretched. */
  | { readonly kind: 'slow-bus'; readonly stretch: DurationUs; readonly duration: DurationUs };

export interface WireNoiseOptions {
  readonly clock: Clock;
  readonly log: FaultLog;
  readonly lines: LinkSightings;
  readonly signal: AbortSignal;
}

/**
 * One missed transfer makes the client press. A device that starts the exchanges may outlast a single one, and then goes on with
 * a session that the client has given up (docs/protocol.md §6): the second breaks that as well.
 */
const NACKS_TO_RESET = 2;
const POLL: DurationUs = ms(10);
/** A wrong bit shows in the next exchange, or when the line that it spoiled has arrived. */
const FLIP_SHOWS_WITHIN: DurationUs = seconds(10);
/** A header has two bytes, a payload more: the shortest line is a keepalive and its end, which is a header's length. */
const HEADERS: TransferSizes = { leastBytes: 1, mostBytes: 2 };
const PAYLOADS: TransferSizes = { leastBytes: 3, mostBytes: 255 };
const ALL: TransferSizes = { leastBytes: 1, mostBytes: 255 };

export class WireNoise {
  private readonly options: WireNoiseOptions;

  constructor(options: WireNoiseOptions) {
    this.options = options;
  }

  /** Makes the fault, proves it, takes it away, and waits until a device that dies of it has shown that. */
  async make(fault: WireFault, wires: WireFaults): Promise<ActiveFault> {
    const { log, lines } = this.options;
    const active = log.inject(nameOf(fault), detailOf(fault));
    lines.expectDamage();
    try {
      await this.perform(fault, wires, active);
    } finally {
      await wires.clear();
    }
    await this.until(later(active.injectedUs, DEATH_SHOWS_WITHIN), () => this.rebooted(active) !== undefined);
    if (active.evidence === undefined) this.prove(active);
    return active;
  }

  private async perform(fault: WireFault, wires: WireFaults, active: ActiveFault): Promise<void> {
    const { clock, lines } = this.options;
    switch (fault.kind) {
      case 'nack':
        await this.missTransfers(fault.transfers, wires, active);
        return;
      case 'header-flip':
      case 'payload-flip':
        await wires.disturb(
          fault.places.map((place) => ({ kind: 'flip', place })),
          fault.kind === 'header-flip' ? HEADERS : PAYLOADS,
        );
        await this.until(later(clock.now(), FLIP_SHOWS_WITHIN), () => this.evidence(active) !== undefined);
        return;
      case 'stuck':
        await this.hold(fault, wires, active);
        return;
      case 'deaf-reset':
        await this.deafen(fault.duration, wires, active);
        return;
      case 'glitch': {
        const before = await wires.edges(fault.wire);
        await wires.glitch(fault.wire, fault.width);
        const edges = (await wires.edges(fault.wire)) - before;
        if (edges > 0)
          this.options.log.proved(active, `a probe on ${fault.wire} saw it change ${edges} times`);
        return;
      }
      case 'slow-bus':
        lines.exchanges.begin();
        await wires.stretch(fault.stretch);
        await clock.sleep('fault', fault.duration, this.options.signal);
        lines.exchanges.end();
        this.proveSlowness(fault.stretch, active);
        return;
    }
  }

  /** The wire is not let go in the middle of a press, which would reach the device then. */
  private async deafen(duration: DurationUs, wires: WireFaults, active: ActiveFault): Promise<void> {
    const { clock, log, signal } = this.options;
    await wires.hold('rst', 1);
    const before = await wires.edges('rst');
    await this.missTransfers(NACKS_TO_RESET, wires, active);
    const reason = this.rebooted(active);
    if (reason === undefined) return;
    await clock.sleep('fault', duration, signal);
    const edges = (await wires.edges('rst')) - before;
    if (edges > 0)
      throw unproved(active, `the wire changed ${edges} times all the same; check which wire is held`);
    log.proved(active, `the client pressed reset (${reason}), and a probe on rst saw no change`);
  }

  private async missTransfers(transfers: number, wires: WireFaults, active: ActiveFault): Promise<void> {
    await wires.disturb(new Array<TransferFault>(transfers).fill({ kind: 'nack' }), ALL);
    const until = later(this.options.clock.now(), DEATH_SHOWS_WITHIN);
    await this.until(until, () => this.rebooted(active) !== undefined);
  }

  /** A line of the bus that is low when reset is released keeps the device from starting: that is another fault. */
  private async hold(
    { wire, level, duration }: Extract<WireFault, { kind: 'stuck' }>,
    wires: WireFaults,
    active: ActiveFault,
  ): Promise<void> {
    const isBus = wire === 'scl' || wire === 'sda';
    await wires.hold(wire, level);
    const until = later(this.options.clock.now(), duration);
    await this.until(until, () => isBus && this.rebooted(active) !== undefined);
  }

  private prove(active: ActiveFault): void {
    const evidence = this.evidence(active);
    if (evidence === undefined) {
      throw unproved(
        active,
        'the client did not have to reboot the device, nothing arrived damaged, and exchanges took no longer than before; ' +
          'check that the fault is on the wires of this link',
      );
    }
    this.options.log.proved(active, evidence);
  }

  private evidence(active: ActiveFault): string | undefined {
    const reason = this.rebooted(active);
    if (reason !== undefined) return `the client had to reboot the device: ${reason}`;
    const damage = this.options.lines.lastDamage();
    return damage !== undefined && damage.atUs >= active.injectedUs ? damage.what : undefined;
  }

  /** Each exchange has two transfers at least. A single long one before, as a glitch of `ack` makes it, is no objection. */
  private proveSlowness(stretch: DurationUs, active: ActiveFault): void {
    const during = this.options.lines.exchanges.during();
    const before = this.options.lines.exchanges.before();
    if (during === undefined || before === undefined) return;
    if (during.leastUs < stretch || before.meanUs >= stretch) return;
    const range = `${toMs(during.leastUs).toFixed(1)} to ${toMs(during.mostUs).toFixed(1)} ms`;
    this.options.log.proved(
      active,
      `${during.count} exchanges took ${range}, ${before.count} others ${toMs(before.meanUs).toFixed(1)} ms on average`,
    );
  }

  private rebooted({ injectedUs }: ActiveFault): string | undefined {
    const reboot = this.options.lines.lastReboot();
    return reboot !== undefined && reboot.atUs >= injectedUs ? reboot.reason : undefined;
  }

  private async until(deadline: InstantUs, condition: () => boolean): Promise<void> {
    const { clock, signal } = this.options;
    while (clock.now() < deadline && !condition()) {
      const pause = elapsed(clock.now(), earliest(deadline, later(clock.now(), POLL)));
      await clock.sleep('fault', pause, signal);
    }
  }
}

function nameOf(fault: WireFault): string {
  return fault.kind === 'stuck' || fault.kind === 'glitch' ? `${fault.kind}-${fault.wire}` : fault.kind;
}

function detailOf(fault: WireFault): string {
  switch (fault.kind) {
    case 'nack':
      return `${fault.transfers} transfers on the bus are not acknowledged`;
    case 'header-flip':
      return 'one bit of a header is wrong';
    case 'payload-flip':
      return 'one bit of a payload is wrong';
    case 'stuck':
      return `${fault.wire} is held ${fault.level === 1 ? 'high' : 'low'} for ${toMs(fault.duration)} ms at most`;
    case 'deaf-reset':
      return `transfers are not acknowledged, and presses of reset have no effect until ${toMs(fault.duration)} ms after the first`;
    case 'glitch':
      return `${fault.wire} is turned round for ${fault.width} µs`;
    case 'slow-bus':
      return `the clock of every transfer is stretched by ${toMs(fault.stretch)} ms, for ${toMs(fault.duration)} ms`;
  }
}

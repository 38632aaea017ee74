/**
 * The `PowerSwitch` of a physical bench: a supply that is switched, time for the rail to settle, an instrument on the
 * rail, and an undo log that remembers for as long as the rail is not as the bench file wants it left.
 */
import { RigError } from '../../../rig/errors.js';
import { isRailOff } from '../../../rig/faults/rail.js';
import type { PowerSwitch, RailReading } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, ms } from '../../../rig/time/units.js';
import type { Device, Opened } from '../device.js';
import type { UndoEntry, UndoLog } from '../safety/undo-log.js';
import { Turns } from '../turns.js';
import type { RailSense } from './rail-sense.js';
import type { Supply } from './supply.js';

/** From letting go of a relay to a rail that shows where it rests: contacts and capacitors take milliseconds. */
const REST_TIME: DurationUs = ms(300);

/** The step of the undo log. */
const UNDO_NAME = 'power';

export interface SwitchedPowerParts {
  readonly supply: Supply;
  readonly sense: Opened<RailSense> | undefined;
  /** How the rail is left. */
  readonly leaveOn: boolean;
  /** From the switch to a steady rail. */
  readonly settle: DurationUs;
  readonly clock: Clock;
  readonly undo: UndoLog;
}

export class SwitchedPower implements PowerSwitch, Device {
  private readonly parts: SwitchedPowerParts;
  private readonly turns: Turns;
  private entry: UndoEntry | undefined;
  /** Nothing that was never switched is switched at the end. */
  private isTouched = false;

  constructor(parts: SwitchedPowerParts) {
    this.parts = parts;
    this.turns = new Turns(parts.supply.name);
  }

  off(): Promise<void> {
    return this.turns.take((signal) => this.set(false, signal));
  }

  /** Resolves when the rail is steady. */
  on(): Promise<void> {
    return this.turns.take((signal) => this.set(true, signal));
  }

  /** Undefined for a supply that knows on and off alone. */
  get sag(): PowerSwitch['sag'] {
    const { supply } = this.parts;
    if (supply.sag === undefined) return undefined;
    return () =>
      this.turns.take(async () => {
        this.isTouched = true;
        await this.owe();
        await supply.sag?.();
      });
  }

  rail(): Promise<RailReading | undefined> {
    return this.turns.take(async () => await this.parts.sense?.rail());
  }

  /** An earlier run was killed while the rail was not as it is to be left, and could leave no command for that. */
  async settleDebt(): Promise<void> {
    const { undo, leaveOn } = this.parts;
    if (await undo.claim(UNDO_NAME)) await (leaveOn ? this.on() : this.off());
  }

  /** Leaves the rail as the bench file says, if it was switched at all. */
  close(): Promise<void> {
    const { supply, sense, leaveOn } = this.parts;
    return this.turns.close(async () => {
      try {
        if (this.isTouched) await this.set(leaveOn, new AbortController().signal);
      } finally {
        await supply
          .close()
          .then(() => this.requireRest())
          .finally(() => sense?.close());
      }
    });
  }

  /** A switch that nobody holds any more must rest where the rail is to be left. */
  private async requireRest(): Promise<void> {
    const { supply, sense, leaveOn, clock } = this.parts;
    if (!this.isTouched || sense === undefined || supply.command(leaveOn) !== undefined) return;
    await clock.sleep('supply at rest', REST_TIME);
    if (isRailOff(await sense.rail()) !== leaveOn) return;
    const [is, says] = leaveOn ? ['off', 'on'] : ['on', 'off'];
    throw new RigError(
      'BENCH',
      `The ${supply.name} rests with the supply ${is}, and power.leave says ${says}: nothing drives it once the rig has ` +
        "ended. Wire the relay's other contact and turn activeLow round, or change power.leave.",
    );
  }

  private async set(on: boolean, signal: AbortSignal): Promise<void> {
    const { supply, leaveOn, settle, clock } = this.parts;
    this.isTouched = true;
    if (on !== leaveOn) await this.owe();
    await supply.set(on);
    if (on) await clock.sleep('supply settles', settle, signal);
    if (on !== leaveOn) return;
    await this.entry?.done();
    this.entry = undefined;
  }
  /** Notes on disk how the rail is to be left, should this process be killed. */
  private async owe(): Promise<void> {
    const { supply, leaveOn, undo } = this.parts;
    const command = supply.command(leaveOn);
    this.entry ??= await undo.add({ name: UNDO_NAME, ...(command !== undefined && { command }) });
  }
}

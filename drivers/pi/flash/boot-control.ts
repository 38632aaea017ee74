/**
 * How a chip is started in its loader, and in its firmware again: by the modem lines of the serial adapter, by the
 * bench's reset and scl lines, or by a person with two buttons. The loader starts when GPIO0 (the bus line scl) is low
 * while reset is released (Espressif, "ESP8266 boot mode selection").
 */
import type { OpenDrainLine, PowerSwitch, ResetButton } from '../../../rig/ports.js';
import type { Clock } from '../../../rig/time/clock.js';
import { type DurationUs, ms, seconds } from '../../../rig/time/units.js';
import type { ModemPipe } from '../serial/pipe.js';

export interface BootControl {
  /** What a person has to do for it; undefined where `enterLoader` does it all. */
  readonly loaderByHand: string | undefined;
  /** What a person has to do for it; undefined where `hardReset` does it all. */
  readonly resetByHand: string | undefined;
  enterLoader(): Promise<void>;
  /** A reset by the pin or the supply: after the loader, a reset by software starts the loader again. */
  hardReset(): Promise<void>;
}

/** Reset is held this long. The boards' RC of 10 kΩ and 100 nF needs 1 ms. */
export const RESET_PULSE: DurationUs = ms(100);
/** GPIO0 stays low for this long after reset: the chip samples it within microseconds, an RC slows the reset's rise. */
const STRAP_HOLD: DurationUs = ms(50);
/** Long enough for every capacitor of a small board. */
export const POWER_OFF_TIME: DurationUs = seconds(1);

/** DTR holds GPIO0 and RTS holds reset, as on NodeMCU boards, where both at once hold neither. */
export function byModemLines(pipe: ModemPipe, clock: Clock): BootControl {
  const hardReset = async () => {
    await pipe.setModemLines({ dtr: false, rts: true });
    await clock.sleep('flash: reset pulse', RESET_PULSE);
    await pipe.setModemLines({ dtr: false, rts: false });
  };
  return {
    loaderByHand: undefined,
    resetByHand: undefined,
    hardReset,
    enterLoader: async () => {
      await pipe.setModemLines({ dtr: false, rts: true });
      await clock.sleep('flash: reset pulse', RESET_PULSE);
      await pipe.setModemLines({ dtr: true, rts: false });
      await clock.sleep('flash: GPIO0', STRAP_HOLD);
      await pipe.setModemLines({ dtr: false, rts: false });
    },
  };
}

export type PulledLine = Pick<OpenDrainLine, 'pull' | 'release'>;

/** The bench's own lines: `reset` at the chip's reset pin, `gpio0` at its GPIO0. */
export function byLines(reset: PulledLine, gpio0: PulledLine, clock: Clock): BootControl {
  const pulse = async () => {
    await reset.pull();
    await clock.sleep('flash: reset pulse', RESET_PULSE);
    await reset.release();
  };
  return {
    loaderByHand: undefined,
    resetByHand: undefined,
    hardReset: async () => {
      try {
        await gpio0.release();
        await pulse();
      } finally {
        await reset.release();
      }
    },
    enterLoader: async () => {
      try {
        await gpio0.pull();
        await pulse();
        await clock.sleep('flash: GPIO0', STRAP_HOLD);
      } finally {
        await letGo(reset, gpio0);
      }
    },
  };
}

/** One that fails must not keep the other low. */
async function letGo(first: PulledLine, second: PulledLine): Promise<void> {
  try {
    await first.release();
  } finally {
    await second.release();
  }
}

/** A person holds GPIO0 low; what the bench has of reset and supply starts the chip. */
export function byHand(
  { reset, power }: { readonly reset?: ResetButton; readonly power?: PowerSwitch },
  clock: Clock,
): BootControl {
  const restart = async () => {
    if (reset !== undefined) await reset.press(RESET_PULSE);
    else if (power !== undefined) {
      await power.off();
      await clock.sleep('flash: power off', POWER_OFF_TIME);
      await power.on();
    }
  };
  const isAutomatic = reset !== undefined || power !== undefined;
  const pull = 'Hold GPIO0 low (the button FLASH or BOOT; on a bare board: connect scl to ground)';
  return {
    loaderByHand: isAutomatic
      ? `${pull}. The rig starts the board every few seconds; let go as soon as the loader answers.`
      : `${pull}, press and release reset, then let go of GPIO0.`,
    resetByHand: isAutomatic ? undefined : 'Press and release reset, with GPIO0 let go.',
    hardReset: restart,
    enterLoader: restart,
  };
}

/** Functions of the `_board` module: pins, timers, and the I2C bus from both of its ends. */
import type { Chip } from './chip.js';

/** Pins and timers. */
export function pinFunctions({ pins, timers, watchdog }: Chip): object {
  return {
    pin_mode: (pin: number, mode: number) => {
      pins.configure(pin, mode);
      return 0;
    },
    // `Pin.value()` in one call: a read without a level, else a write.
    pin_value: (pin: number, level?: unknown) => {
      if (level === undefined || level === null) return pins.read(pin);
      pins.write(pin, level === 0 || level === false ? 0 : 1);
      return null;
    },
    pin_write: (pin: number, level: number) => {
      pins.write(pin, level);
      return 0;
    },
    pin_irq: (pin: number, trigger: number, hard?: boolean) => {
      pins.setTrigger(pin, trigger);
      if (hard !== undefined) watchdog.setHard(pin, Boolean(hard));
      return 0;
    },
    timer_start: (timer: number, periodMs: number, periodic: number) => {
      timers.start(timer, periodMs, Boolean(periodic));
      return 0;
    },
    timer_stop: (timer: number) => {
      timers.stop(timer);
      return 0;
    },
  };
}

/** The bus as controller. */
export function i2cFunctions({ i2c, memory }: Chip): object {
  return {
    i2c_init: (scl: number, sda: number, hertz: number, timeoutUs: number) => {
      i2c.configure({ scl, sda, hertz, timeoutUs });
      return 0;
    },
    i2c_read: (address: number, buffer: number, length: number) =>
      i2c.read(address, () => memory(buffer, length)),
    i2c_write: (address: number, buffer: number, length: number) =>
      i2c.write(address, memory(buffer, length).slice()),
    i2c_probe: (address: number) => (i2c.probe(address) ? 1 : 0),
  };
}

/** The bus as target. */
export function i2cTargetFunctions({ i2cTarget, memory }: Chip): object {
  return {
    // Without memory, its address is that of no object.
    i2c_target_start: (address: number, buffer: number, length: number, addressBytes: number) => {
      const bytes = () => memory(buffer, length);
      i2cTarget.start(address, buffer === 0 ? undefined : { lengthBytes: length, addressBytes, bytes });
      return 0;
    },
    i2c_target_stop: () => {
      i2cTarget.stop();
      return 0;
    },
    i2c_target_irq: (trigger: number) => {
      i2cTarget.setTrigger(trigger);
      return 0;
    },
    i2c_target_write: (buffer: number, length: number) => i2cTarget.write(memory(buffer, length).slice()),
    i2c_target_readinto: (buffer: number, length: number) => i2cTarget.readInto(memory(buffer, length)),
    i2c_target_memaddr: () => i2cTarget.selected,
  };
}

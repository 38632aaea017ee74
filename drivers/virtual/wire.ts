/** A digital wire with several parties on it. Nobody driving it: pulled up. Driving low wins over driving high. */
import type { Level } from '../../rig/ports.js';

const PULLED_UP: Level = 1;

export class Wire {
  private readonly drivers = new Map<string, Level>();
  private readonly listeners: ((level: Level) => void)[] = [];
  private current: Level = PULLED_UP;

  get level(): Level {
    return this.current;
  }

  /** `party` drives the wire, or with undefined lets go of it. */
  drive(party: string, level: Level | undefined): void {
    if (level === undefined) this.drivers.delete(party);
    else this.drivers.set(party, level);
    const levels = [...this.drivers.values()];
    const now: Level = levels.length === 0 ? PULLED_UP : levels.includes(0) ? 0 : 1;
    if (now === this.current) return;
    this.current = now;
    for (const listener of this.listeners) listener(now);
  }

  /** Calls `listener` at every change. */
  onChange(listener: (level: Level) => void): void {
    this.listeners.push(listener);
  }
}

/**
 * A digital wire with several parties on it. Nobody driving it: pulled up. Driving low wins over driving high. A short to
 * ground or supply wins over everybody.
 */
import type { Level } from '../../rig/ports.js';

const PULLED_UP: Level = 1;

export class Wire {
  private readonly drivers = new Map<string, Level>();
  private readonly listeners: ((level: Level) => void)[] = [];
  private current: Level = PULLED_UP;
  private short: Level | undefined;
  /** Changes that are still to be told: a listener may itself drive the wire. */
  private readonly untold: Level[] = [];

  get level(): Level {
    return this.current;
  }

  /** `party` drives the wire, or with undefined lets go of it. */
  drive(party: string, level: Level | undefined): void {
    if (level === undefined) this.drivers.delete(party);
    else this.drivers.set(party, level);
    this.settle();
  }

  /** Shorts the wire to ground or supply; undefined ends that. */
  force(level: Level | undefined): void {
    this.short = level;
    this.settle();
  }

  private settle(): void {
    const levels = [...this.drivers.values()];
    const now: Level = this.short ?? (levels.length === 0 ? PULLED_UP : levels.includes(0) ? 0 : 1);
    if (now === this.current) return;
    this.current = now;
    this.untold.push(now);
    if (this.untold.length === 1) this.tellAll();
  }

  /** True when somebody else than `party` drives it high. */
  isFedBesides(party: string): boolean {
    return [...this.drivers].some(([driver, level]) => driver !== party && level === 1);
  }

  /** Calls `listener` at every change, in the order in which they happen. */
  onChange(listener: (level: Level) => void): void {
    this.listeners.push(listener);
  }

  private tellAll(): void {
    for (let level = this.untold[0]; level !== undefined; level = this.untold[0]) {
      for (const listener of this.listeners) listener(level);
      this.untold.shift();
    }
  }
}

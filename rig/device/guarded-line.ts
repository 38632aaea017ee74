/**
 * A line into the device that is not driven while the device has no power: a high line feeds it through the protection
 * diodes of its pins, and its rail never falls.
 */
import type { Level, OutputLine } from '../ports.js';

export class GuardedLine implements OutputLine {
  private readonly line: OutputLine;
  private wanted: Level | undefined;
  private isHeld = false;

  constructor(line: OutputLine) {
    this.line = line;
  }

  async write(level: Level): Promise<void> {
    this.wanted = level;
    if (!this.isHeld) await this.line.write(level);
  }

  async release(): Promise<void> {
    this.wanted = undefined;
    await this.line.release();
  }

  /** Lets go of the line; what is written until `resume` is remembered, not driven. */
  async hold(): Promise<void> {
    this.isHeld = true;
    await this.line.release();
  }

  async resume(): Promise<void> {
    this.isHeld = false;
    if (this.wanted !== undefined) await this.line.write(this.wanted);
  }
}

/** A wire between a pin of the host and another party, pulled up weakly. The host overcomes the other party. */
import type { Level } from '../../../rig/ports.js';

export class FakeWire {
  private host: Level | undefined;
  private far: Level | undefined;
  private readonly listeners = new Set<(level: Level) => void>();

  get level(): Level {
    return this.host ?? this.far ?? 1;
  }

  get hostDrives(): Level | undefined {
    return this.host;
  }

  driveFromHost(level: Level | undefined): void {
    this.change(() => {
      this.host = level;
    });
  }

  driveFromFar(level: Level | undefined): void {
    this.change(() => {
      this.far = level;
    });
  }

  /** Calls `listener` at every change. Returns a function that stops that. */
  onChange(listener: (level: Level) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(make: () => void): void {
    const before = this.level;
    make();
    if (this.level === before) return;
    for (const listener of this.listeners) listener(this.level);
  }
}

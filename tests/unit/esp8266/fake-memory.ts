/**
 * A host at the other end of the lockstep memory that answers at once, in the same thread: when the device hands
 * over, it is given what the script has for that moment, and the turn back.
 */
import { Cpu } from '../../../drivers/virtual/esp8266/chip/cpu.js';
import { LockstepMemory } from '../../../drivers/virtual/esp8266/lockstep/channel.js';
import type { BoardRecord } from '../../../drivers/virtual/esp8266/lockstep/records.js';

/** What the bench does to the board at an instant. */
export interface HostEvent {
  readonly atUs: number;
  readonly kind: number;
  readonly a?: number;
  readonly b?: number;
  readonly bytes?: Uint8Array;
}

/** A device that hands over this often is waiting for something that never comes. */
const HAND_OVER_LIMIT = 1_000_000;

export class FakeMemory extends LockstepMemory {
  /** Times at which the device handed over, and until when it rests. */
  readonly handOvers: { readonly atUs: number; readonly wakeUs: number }[] = [];
  /** What the device told, in order. */
  readonly told: BoardRecord[] = [];
  onRecord: (record: BoardRecord) => void = () => undefined;
  private readonly events: HostEvent[];
  private hostUs = 0;
  private grantedUs: number;

  constructor(events: readonly HostEvent[] = []) {
    super();
    this.events = [...events].sort((x, y) => x.atUs - y.atUs);
    this.grantedUs = this.nextEventUs();
  }

  override get horizonUs(): number {
    return this.grantedUs;
  }

  override get nowUs(): number {
    return this.hostUs;
  }

  /** Adds an event while the device runs: it sees it at its next hand-over. */
  schedule(event: HostEvent): void {
    this.events.push(event);
    this.events.sort((x, y) => x.atUs - y.atUs);
  }

  /** Takes what the device has told so far. */
  deliver(): void {
    this.toHost.takeAll((record) => {
      this.told.push(record);
      this.onRecord(record);
    });
  }

  override handOver(): void {
    this.handOvers.push({ atUs: this.hostUs, wakeUs: this.wakeUs });
    if (this.handOvers.length > HAND_OVER_LIMIT) throw new Error('The device waits for ever.');
    this.deliver();
    const next = this.nextEventUs();
    if (next === Number.POSITIVE_INFINITY && this.wakeUs === Number.POSITIVE_INFINITY) {
      throw new Error('The device waits for ever.');
    }
    if (next <= this.wakeUs) {
      this.hostUs = next;
      while (this.events[0]?.atUs === next) {
        const event = this.events.shift();
        if (event !== undefined) {
          this.toDevice.put(event.kind, next, event.a ?? 0, event.b ?? 0, event.bytes);
        }
      }
    } else {
      this.hostUs = Math.max(this.hostUs, this.wakeUs);
    }
    this.grantedUs = this.nextEventUs();
  }

  private nextEventUs(): number {
    return this.events[0]?.atUs ?? Number.POSITIVE_INFINITY;
  }
}

/** A processor on that memory. `receive` gets what the bench does. */
export function makeCpu(memory: FakeMemory, receive: (record: BoardRecord) => void = () => undefined): Cpu {
  return new Cpu(memory, receive);
}

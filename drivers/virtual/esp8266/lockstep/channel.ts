/**
 * The memory that host and device share, and whose turn it is. Only one of the two runs at a time; a hand-over
 * is a store, a notify and a wait (9 µs both ways, measured).
 */
import { RecordBuffer } from './records.js';

const RECORD_BYTES = 256 * 1024;
const CONTROL_BYTES = 64;

/** What the device does when the turn is the host's. */
export const deviceState = { off: 0, running: 1 } as const;

const word = { turn: 0, state: 1, toDevice: 2, toHost: 3 } as const;
const time = { horizon: 4, now: 5, wake: 6 } as const;
const turn = { host: 0, device: 1 } as const;

/**
 * A thread looks at the turn for a while before it goes to sleep over it, because most turns take less time than
 * it takes to wake a thread: that makes a run 2.5 times as fast (measured on two cores). Where it was in vain several
 * times running, as where both threads share a core or the machine is busy, it goes to sleep at once for some turns.
 */
const LOOKS = 8_192;
const VAIN_LOOKS = 3;
const TURNS_WITHOUT_LOOKING = 20;

export class LockstepMemory {
  readonly buffer: SharedArrayBuffer;
  readonly toDevice: RecordBuffer;
  readonly toHost: RecordBuffer;
  private readonly words: Int32Array;
  private readonly times: Float64Array;
  private lookedInVain = 0;
  private turnsWithoutLooking = 0;

  constructor(buffer = new SharedArrayBuffer(CONTROL_BYTES + 2 * RECORD_BYTES)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, 4);
    this.times = new Float64Array(buffer, 0, CONTROL_BYTES / 8);
    this.toDevice = new RecordBuffer(buffer, CONTROL_BYTES, RECORD_BYTES);
    this.toHost = new RecordBuffer(buffer, CONTROL_BYTES + RECORD_BYTES, RECORD_BYTES);
  }

  get state(): number {
    return this.words[word.state] ?? deviceState.off;
  }
  set state(state: number) {
    this.words[word.state] = state;
  }

  /** The device must not let its time pass this. Set by the host. */
  get horizonUs(): number {
    return this.times[time.horizon] ?? 0;
  }

  /** The host's time at its last grant. */
  get nowUs(): number {
    return this.times[time.now] ?? 0;
  }

  /** The time from which the device has something to do. Set by the device. */
  get wakeUs(): number {
    return this.times[time.wake] ?? 0;
  }
  set wakeUs(atUs: number) {
    this.times[time.wake] = atUs;
  }

  /**
   * Host: gives the device its turn and blocks until it is over.
   * Returns false when the device did not hand over within `timeoutMs` of wall time, and `isPatient`, asked then, did not
   * want to wait for as long again.
   */
  grant(
    nowUs: number,
    horizonUs: number,
    timeoutMs: number,
    isPatient: () => boolean = () => false,
  ): boolean {
    this.times[time.now] = nowUs;
    this.times[time.horizon] = horizonUs;
    this.words[word.toDevice] = this.toDevice.used;
    Atomics.store(this.words, word.turn, turn.device);
    Atomics.notify(this.words, word.turn);
    if (!this.waitWhile(turn.device, timeoutMs, isPatient)) return false;
    this.toDevice.used = 0;
    this.toHost.used = this.words[word.toHost] ?? 0;
    return true;
  }

  /** Device: ends its turn and blocks until the next one. */
  handOver(): void {
    this.endTurn();
    this.awaitTurn();
    this.toHost.used = 0;
  }

  /** Device: ends its turn, which is its last one when it does not wait for another. */
  endTurn(): void {
    this.words[word.toHost] = this.toHost.used;
    Atomics.store(this.words, word.turn, turn.host);
    Atomics.notify(this.words, word.turn);
  }

  /** Device: blocks until it is its turn. */
  awaitTurn(): void {
    this.waitWhile(turn.host, Number.POSITIVE_INFINITY, () => true);
    this.toDevice.used = this.words[word.toDevice] ?? 0;
  }

  /** Blocks as long as it is the turn of `whose`; false when it still is after `timeoutMs`, and patience is at its end. */
  private waitWhile(whose: number, timeoutMs: number, isPatient: () => boolean): boolean {
    if (this.turnsWithoutLooking > 0) {
      this.turnsWithoutLooking -= 1;
    } else {
      for (let look = 0; look < LOOKS; look += 1) {
        if (Atomics.load(this.words, word.turn) === whose) continue;
        this.lookedInVain = 0;
        return true;
      }
      this.lookedInVain += 1;
      if (this.lookedInVain >= VAIN_LOOKS) this.turnsWithoutLooking = TURNS_WITHOUT_LOOKING;
    }
    // A notification that belongs to an earlier turn may wake the thread: only the turn itself counts.
    while (Atomics.load(this.words, word.turn) === whose) {
      const isInVain = Atomics.wait(this.words, word.turn, whose, timeoutMs) === 'timed-out';
      if (isInVain && Atomics.load(this.words, word.turn) === whose && !isPatient()) return false;
    }
    return true;
  }
}

/**
 * Calls of C code that take long, such as arithmetic on huge numbers or `all(range(1, 1 << 29))`. No bytecode is executed
 * in them, so no fuel is used; what they take is told by the turns that the interpreter's own loops make. Short ones,
 * which are nearly all, count as nothing: their time is in what a bytecode costs.
 */
import { BoardStopped, type Cpu } from './cpu.js';

/** Turns between two looks. To sort 10,000 numbers takes 300,000 turns, to compile 250 lines 450,000. */
const TURNS = 1_000_000;
/** One turn, at 80 MHz: twenty cycles. An estimate; nothing but how long a long call takes depends on it. */
const TURN_US = 0.25;

export class LongCalls {
  private readonly cpu: Cpu;
  private readonly onLong: () => void;
  private turns: { value: number } = { value: 0 };
  /** The processor's signs of life at the last look. */
  private seen = -1;

  /** `onLong` is called at each look that finds the processor in the same call as the look before. */
  constructor(cpu: Cpu, onLong: () => void) {
    this.cpu = cpu;
    this.onLong = onLong;
  }

  /** Counts the turns of an interpreter, by its counter of those that are left. */
  attachInterpreter(turns: { value: number }): void {
    this.turns = turns;
    turns.value = TURNS;
  }

  /** Another so many turns have been made. Throws `BoardStopped` when the chip has been stopped meanwhile. */
  outOfTurns(): void {
    this.turns.value = TURNS;
    const { cpu } = this;
    const { signsOfLife } = cpu;
    if (!cpu.isMetered || signsOfLife !== this.seen) {
      this.seen = signsOfLife;
      return;
    }
    this.onLong();
    cpu.work(TURNS * TURN_US);
    if (cpu.stopped) throw new BoardStopped();
  }
}

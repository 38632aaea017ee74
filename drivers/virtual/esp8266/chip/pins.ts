/** GPIO: levels, directions and edge interrupts, in the chip's own numbering. */
import { deviceRecord, RELEASED } from '../lockstep/records.js';
import { costs } from './costs.js';
import type { Cpu } from './cpu.js';
import type { InterruptSource } from './interrupts.js';
import { WIRE_LOOKAHEAD_US } from './lookahead.js';

const PIN_COUNT = 17;

/** `machine.Pin`'s trigger bits. */
const RISING = 1;
const FALLING = 2;

/** `machine.Pin.IN` of the ESP8266 port; any other mode drives the pin. */
const MODE_INPUT = 0;

export class Pins implements InterruptSource {
  /** What the rest of the bench drives; inputs float high through pull-ups. */
  private readonly outside = new Uint8Array(PIN_COUNT).fill(1);
  private readonly output = new Uint8Array(PIN_COUNT);
  private readonly driving = new Uint8Array(PIN_COUNT);
  private readonly trigger = new Uint8Array(PIN_COUNT);
  private readonly latched: number[] = [];
  private readonly cpu: Cpu;
  private readonly dispatch: (pin: number) => void;

  constructor(cpu: Cpu, dispatch: (pin: number) => void) {
    this.cpu = cpu;
    this.dispatch = dispatch;
  }

  /** The level on a pin that the chip only listens to, as the lines of an idle bus are. */
  levelOutside(pin: number): number {
    return this.outside[pin] ?? 1;
  }

  configure(pin: number, mode: number): void {
    this.cpu.work(costs.pinUs);
    const drives = mode === MODE_INPUT ? 0 : 1;
    if (this.driving[pin] === drives) return;
    this.driving[pin] = drives;
    this.tellHost(pin);
  }

  read(pin: number): number {
    this.cpu.work(costs.pinUs);
    this.cpu.observed();
    return (this.driving[pin] === 1 ? this.output[pin] : this.outside[pin]) ?? 0;
  }

  write(pin: number, level: number): void {
    this.cpu.work(costs.pinUs);
    this.cpu.progress();
    if (this.output[pin] === level) return;
    this.output[pin] = level;
    if (this.driving[pin] === 1) this.tellHost(pin);
  }

  setTrigger(pin: number, trigger: number): void {
    this.cpu.work(costs.pinUs);
    this.trigger[pin] = trigger;
    if (trigger === 0) this.unlatch(pin);
  }

  /** The bench changed the level of a pin. */
  outsideChanged(pin: number, level: number): void {
    const before = this.outside[pin];
    this.outside[pin] = level;
    if (before === level || this.driving[pin] === 1) return;
    const wanted = level === 1 ? RISING : FALLING;
    if (((this.trigger[pin] ?? 0) & wanted) !== 0 && !this.latched.includes(pin)) this.latched.push(pin);
  }

  pending(): boolean {
    return this.latched.length > 0;
  }

  serve(): void {
    const pin = this.latched.shift();
    if (pin !== undefined) this.dispatch(pin);
  }

  /** No pin has a handler any more; levels and directions stay, as at a soft reset. */
  forgetHandlers(): void {
    this.trigger.fill(0);
    this.latched.length = 0;
  }

  private unlatch(pin: number): void {
    const index = this.latched.indexOf(pin);
    if (index >= 0) this.latched.splice(index, 1);
  }

  private tellHost(pin: number): void {
    const level = this.driving[pin] === 1 ? (this.output[pin] ?? 0) : RELEASED;
    const now = this.cpu.now();
    this.cpu.post(deviceRecord.pinDriven, now, now + WIRE_LOOKAHEAD_US, pin, level);
  }
}

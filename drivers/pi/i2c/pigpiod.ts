/**
 * A client of `pigpiod`'s socket interface (abyz.me.uk/rpi/pigpio/sif.html): a command is four little-endian words,
 * `cmd p1 p2 p3`, where p3 is the length of what follows it; the answer repeats the first three, and p3 is the result.
 * The npm package `pigpio-client` (1.5.2) is not used: its `bscI2C` has a fixed control word, so that it cannot empty the
 * FIFOs; it has no types, bounds no answer, and prints to the console.
 */
import { createConnection, type Socket } from 'node:net';
import { RigError } from '../../../rig/errors.js';
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { type DurationUs, later, seconds, toSeconds } from '../../../rig/time/units.js';
import { deviceError } from '../device.js';

export const command = { modeGet: 1, hardwareRevision: 17, version: 26, bscTransfer: 114 } as const;
export type Command = (typeof command)[keyof typeof command];

/** Commands whose answer, when its result is positive, is followed by that many bytes. */
const extended = new Set<number>([command.bscTransfer]);

const HEADER_BYTES = 16;
/** `CMD_MAX_EXTENSION` of pigpio's command.h. */
const MAX_EXTENSION_BYTES = 1 << 16;
/** Commands that may wait for their answer on one connection. */
const MAX_WAITING = 4;
const CONNECT_LIMIT: DurationUs = seconds(5);
/** Longer than any transfer of the link, and than the client waits for the device before it lets go of the bus. */
export const ANSWER_LIMIT: DurationUs = seconds(3);

export interface PigpiodAddress {
  readonly host: string;
  readonly port: number;
}

export interface PigpiodAnswer {
  readonly result: number;
  readonly extension: Uint8Array;
}

interface Waiting {
  readonly command: Command;
  readonly timer: Timer;
  resolve(answer: PigpiodAnswer): void;
  reject(error: RigError): void;
}

const nameOf = ({ host, port }: PigpiodAddress): string => `pigpiod at ${host}:${port}`;

const connectSteps = {
  ECONNREFUSED:
    'It does not run: sudo systemctl enable --now pigpiod (how to install it: docs/physical-bench.md of the rig).',
  ENOTFOUND: 'There is no such host: check "host" in the bench file.',
  EAI_AGAIN: 'The name of the host cannot be resolved: check "host" in the bench file.',
  EHOSTUNREACH: 'The host cannot be reached: check "host" in the bench file, and the network.',
};

/** One connection; the daemon serves each in a thread of its own, and its commands in order. */
export class Pigpiod {
  private readonly name: string;
  private readonly clock: Clock;
  private readonly socket: Socket;
  private readonly waiting: Waiting[] = [];
  private unread = Buffer.alloc(0);
  private ending: RigError | undefined;

  private constructor(name: string, socket: Socket, clock: Clock) {
    this.name = name;
    this.clock = clock;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.accept(bytes));
    socket.on('error', (error) => this.end(deviceError(this.name, error)));
    socket.on('close', () =>
      this.end(
        new RigError(
          'BENCH',
          `${this.name} closed the connection; has it stopped? See systemctl status pigpiod.`,
        ),
      ),
    );
  }

  /** Connects. Rejects with `BENCH`, and what to do, when nothing listens there. */
  static connect(address: PigpiodAddress, clock: Clock): Promise<Pigpiod> {
    const name = nameOf(address);
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: address.host, port: address.port });
      const timer = clock.at('pigpiod connect', later(clock.now(), CONNECT_LIMIT), () => {
        const message = `${name} did not accept a connection within ${toSeconds(CONNECT_LIMIT)} s; check "host".`;
        reject(new RigError('BENCH', message));
        socket.destroy();
      });
      socket.once('error', (error) => {
        timer.cancel();
        reject(deviceError(name, firstOf(error), connectSteps));
      });
      socket.once('connect', () => {
        timer.cancel();
        resolve(new Pigpiod(name, socket, clock));
      });
    });
  }

  /** False once nothing can be asked any more. */
  get isOpen(): boolean {
    return this.ending === undefined;
  }

  /** True while an answer is awaited. */
  get isBusy(): boolean {
    return this.waiting.length > 0;
  }

  /** Asks, and resolves with the answer. Rejects with `BENCH` when none comes, with `CLOSED` after `close`. */
  request(
    command: Command,
    p1: number,
    p2: number,
    extension: Uint8Array = new Uint8Array(0),
  ): Promise<PigpiodAnswer> {
    if (this.ending !== undefined) return Promise.reject(this.ending);
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(new RigError('FULL', `${this.name}: ${MAX_WAITING} commands wait already.`));
    }
    return new Promise((resolve, reject) => {
      const timer = this.clock.at('pigpiod answer', later(this.clock.now(), ANSWER_LIMIT), () =>
        this.end(new RigError('BENCH', `${this.name} did not answer within ${toSeconds(ANSWER_LIMIT)} s.`)),
      );
      this.waiting.push({ command, timer, resolve, reject });
      this.socket.write(encode(command, p1, p2, extension));
    });
  }

  close(): void {
    this.end(new RigError('CLOSED', `The connection to ${this.name} is closed.`));
  }

  private accept(bytes: Buffer): void {
    this.unread = Buffer.concat([this.unread, bytes]);
    while (this.ending === undefined && this.unread.length >= HEADER_BYTES) {
      const repeated = this.unread.readUInt32LE(0);
      const result = this.unread.readInt32LE(12);
      const waiting = this.waiting[0];
      const extensionBytes = extended.has(repeated) ? Math.max(result, 0) : 0;
      if (waiting?.command !== repeated || extensionBytes > MAX_EXTENSION_BYTES) {
        this.end(new RigError('BENCH', `${this.name}: what answers there does not speak as pigpiod does.`));
        return;
      }
      const endOfAnswer = HEADER_BYTES + extensionBytes;
      if (this.unread.length < endOfAnswer) return;
      const extension = Uint8Array.from(this.unread.subarray(HEADER_BYTES, endOfAnswer));
      this.unread = this.unread.subarray(endOfAnswer);
      this.waiting.shift();
      waiting.timer.cancel();
      waiting.resolve({ result, extension });
    }
  }

  private end(error: RigError): void {
    if (this.ending !== undefined) return;
    this.ending = error;
    this.socket.destroy();
    for (const { timer, reject } of this.waiting.splice(0)) {
      timer.cancel();
      reject(error);
    }
  }
}

/** A name with several addresses, as localhost may be, fails with an error for each and no message of its own. */
const firstOf = (error: Error): unknown =>
  error instanceof AggregateError ? (error.errors[0] ?? error) : error;

function encode(command: Command, p1: number, p2: number, extension: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(command, 0);
  header.writeUInt32LE(p1, 4);
  header.writeUInt32LE(p2, 8);
  header.writeUInt32LE(extension.length, 12);
  return Buffer.concat([header, extension]);
}

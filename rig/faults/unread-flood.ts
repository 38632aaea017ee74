/**
 * A peer floods a socket that nobody reads, until the device's WiFi stack locks up; then a soft reset is tried, and at last a
 * hard one. The link's program is stopped for it, and a socket opened from the device's prompt, as a program leaves one behind that
 * ended without closing it.
 */
import { isRigError, RigError } from '../errors.js';
import type { BenchPorts, Connection, UartConsole } from '../ports.js';
import { RawRepl } from '../repl/raw-repl.js';
import type { FaultTimes } from '../run/scenario.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, seconds } from '../time/units.js';
import { ConsoleMark } from './console-mark.js';
import type { ActiveFault, FaultLog } from './fault-log.js';
import type { LinkHandle } from './link-handle.js';
import { awaitRecovery } from './recovery.js';
import { unproved } from './unproved.js';

/** How the peer floods: segments of so many bytes, one after the other. */
export interface Flood {
  readonly segments: number;
  readonly sizeBytes: number;
}

/** What became of it. */
export interface DeadlockTimes {
  /** From the first segment to the first message of the locked-up stack; undefined where there was none. */
  readonly deadlockUs: DurationUs | undefined;
  /** After a soft reset the device could open a connection again; undefined where there was no deadlock. */
  readonly endedBySoftReset: boolean | undefined;
}

export interface UnreadFloodOptions {
  readonly clock: Clock;
  readonly ports: Pick<BenchPorts, 'console' | 'network'>;
  readonly log: FaultLog;
  readonly link: LinkHandle;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

/** What the vendor's WiFi stack prints, about once a second, when it has no receive buffer left. */
const DEADLOCK_MARK = 'LmacRxBlk:1';
/** Far enough apart that no two segments become one. */
const SEGMENT_PAUSE: DurationUs = ms(20);
/** From the last segment: the message repeats once a second. */
const DEADLOCK_LIMIT: DurationUs = seconds(5);
const POLL: DurationUs = ms(50);
/** The device is on the network still; if not, joining again takes some seconds. */
const CONNECT_LIMIT: DurationUs = seconds(40);
/** The message may break into what the prompt says; then it is asked again. */
const PROMPT_ATTEMPTS = 3;

const IS_OPEN = 'socket is open';
const IS_NOT = 'no connection';

export class UnreadFlood {
  private readonly options: UnreadFloodOptions;

  constructor(options: UnreadFloodOptions) {
    this.options = options;
  }

  /** See `FaultControl.unreadFlood`. */
  async run(flood: Flood): Promise<FaultTimes> {
    const { link, log, ports } = this.options;
    const { console } = ports;
    if (console === undefined)
      throw new RigError('BENCH', 'The bench has no console; the scenario needs one.');
    const detail = `${flood.segments} segments of ${flood.sizeBytes} bytes to a socket that nobody reads`;
    const fault = log.inject('unread-flood', detail);
    fault.isOurs = true;
    const giveBack = await link.hold('the scenario takes the device for a flood');
    try {
      fault.deadlock = await this.whileHeld(fault, console, flood);
    } finally {
      // The client resets the device: the hard reset.
      giveBack();
    }
    log.cleared(fault);
    return await awaitRecovery(fault, this.options);
  }

  private async whileHeld(fault: ActiveFault, console: UartConsole, flood: Flood): Promise<DeadlockTimes> {
    const mark = new ConsoleMark(console, DEADLOCK_MARK, this.options.clock);
    const peer = await this.listen();
    try {
      const answer = await this.onPrompt(console, connectProgram(peer.address, peer.port, 20));
      if (!answer.includes(IS_OPEN) || peer.connection() === undefined) {
        throw unproved(fault, `the device's prompt could not open a socket: ${answer.trim()}`);
      }
      const deadlockUs = await this.deadlock(peer.connection(), flood, mark);
      this.options.log.proved(fault, evidence(flood, deadlockUs));
      if (deadlockUs === undefined) return { deadlockUs, endedBySoftReset: undefined };
      return { deadlockUs, endedBySoftReset: await this.softReset(console, peer) };
    } finally {
      mark.stop();
      await peer.close();
    }
  }

  /** Floods, and waits for the message. Resolves with how long it took. */
  private async deadlock(
    connection: Connection | undefined,
    { segments, sizeBytes }: Flood,
    mark: ConsoleMark,
  ): Promise<DurationUs | undefined> {
    const { clock } = this.options;
    const startUs = clock.now();
    mark.forget();
    const segment = new Uint8Array(sizeBytes).fill(0x2e);
    for (let count = 0; count < segments && mark.firstUs === undefined; count += 1) {
      // A peer that takes nothing any more holds a write up; what matters is on the console.
      connection?.write(segment).catch(() => undefined);
      await this.sleep(SEGMENT_PAUSE);
    }
    const untilUs: InstantUs = later(clock.now(), DEADLOCK_LIMIT);
    while (mark.firstUs === undefined && clock.now() < untilUs) await this.sleep(POLL);
    return mark.firstUs === undefined ? undefined : elapsed(startUs, mark.firstUs);
  }

  /** True when the device gets through to the host after a soft reset. */
  private async softReset(console: UartConsole, peer: { address: string; port: number }): Promise<boolean> {
    return (await this.onPrompt(console, connectProgram(peer.address, peer.port, 5))).includes(IS_OPEN);
  }

  /** Interrupts what runs, starts the interpreter over (a soft reset), and runs a program there. */
  private async onPrompt(console: UartConsole, program: string): Promise<string> {
    const { clock, signal } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const repl = await RawRepl.enter({ console, clock, signal });
        try {
          return await repl.run(program, CONNECT_LIMIT);
        } finally {
          repl.close();
        }
      } catch (error) {
        const mayHelp = isRigError(error, 'TIMEOUT') || isRigError(error, 'PROTOCOL');
        if (!mayHelp || attempt === PROMPT_ATTEMPTS) throw error;
        await this.sleep(POLL);
      }
    }
  }

  /** The peer: takes the device's connection, and reads nothing of it. */
  private async listen() {
    const { network } = this.options.ports;
    const connections: Connection[] = [];
    const listener = await network.listen(0, (connection) => connections.push(connection));
    return {
      address: network.hostAddress,
      port: listener.port,
      connection: () => connections.at(-1),
      close: async () => {
        for (const connection of connections) connection.destroy();
        await listener.close();
      },
    };
  }

  private sleep(duration: DurationUs): Promise<void> {
    return this.options.clock.sleep('fault', duration, this.options.signal);
  }
}

/** Opens a socket, for good, when the device is on its network; says whether it could. */
const connectProgram = (address: string, port: number, limitS: number): string => `
import network, socket, time
w = network.WLAN(network.STA_IF)
for _ in range(${limitS * 10}):
    if w.isconnected():
        break
    time.sleep_ms(100)
s = socket.socket()
s.settimeout(${limitS})
try:
    s.connect(("${address}", ${port}))
    time.sleep_ms(200)
    s.send(b"open")
    time.sleep_ms(300)
    print("${IS_OPEN}")
except OSError as e:
    print("${IS_NOT}:", e)
`;

const evidence = ({ segments, sizeBytes }: Flood, deadlockUs: DurationUs | undefined): string => {
  const flood = `the device opened a socket at its prompt, and was sent up to ${segments} segments of ${sizeBytes} bytes`;
  return deadlockUs === undefined
    ? `${flood}; its console stayed without ${DEADLOCK_MARK}`
    : `${flood}; its console showed ${DEADLOCK_MARK} after ${Math.round(deadlockUs / 1_000)} ms`;
};

/**
 * Lets the device connect, from its prompt, to TLS servers on the host, each of which insists on something else. The link's
 * program is stopped for it, and the client resets the device afterwards. What came of each is told by the device, and by
 * the server that it talked to.
 */
import { isRigError, messageOf, RigError } from '../errors.js';
import type { BenchPorts, Connection, UartConsole } from '../ports.js';
import type { Random } from '../random.js';
import { RawRepl } from '../repl/raw-repl.js';
import type { FaultTimes } from '../run/scenario.js';
import type { Clock } from '../time/clock.js';
import { type DurationUs, elapsed, seconds } from '../time/units.js';
import { type ServerProfile, TlsServer, type TlsSightings } from '../tls/server.js';
import type { FaultLog } from './fault-log.js';
import type { LinkHandle } from './link-handle.js';
import { awaitRecovery } from './recovery.js';
import { unproved } from './unproved.js';

/** One server that the device is to connect to. */
export interface TlsTrial {
  readonly name: string;
  readonly profile: ServerProfile;
  /** How long its answer is. */
  readonly answerBytes: number;
}

export interface TlsTrialResult {
  readonly name: string;
  /** `read`: as many bytes as the server sent; `wrong`: others; `error`: the program got an exception; `silent`: neither. */
  readonly kind: 'read' | 'wrong' | 'error' | 'silent';
  /** What the device printed. */
  readonly said: string;
  /** From the program's start to its word. */
  readonly tookUs: DurationUs;
  /** What the server saw; undefined when nobody called. */
  readonly seen: TlsSightings | undefined;
}

export interface TlsTrialsOutcome {
  readonly tls: readonly TlsTrialResult[];
}

export interface TlsTrialsOptions {
  readonly clock: Clock;
  readonly ports: Pick<BenchPorts, 'console' | 'network'>;
  readonly log: FaultLog;
  readonly link: LinkHandle;
  /** Aborts every wait. */
  readonly signal: AbortSignal;
}

/** A device that says nothing for so long never will: it joins in 20 s, and each of its waits ends after 20 s. */
export const TRIAL_LIMIT: DurationUs = seconds(70);

export class TlsTrials {
  private readonly options: TlsTrialsOptions;

  constructor(options: TlsTrialsOptions) {
    this.options = options;
  }

  /** See `FaultControl.tlsTrials`. */
  async run(trials: readonly TlsTrial[], random: Random): Promise<FaultTimes & TlsTrialsOutcome> {
    const { link, log, ports } = this.options;
    const { console } = ports;
    if (console === undefined) {
      throw new RigError('BENCH', 'The bench has no console; the scenario needs one.');
    }
    const fault = log.inject('tls-trials', trials.map(({ name }) => name).join(', '));
    fault.isOurs = true;
    const tls: TlsTrialResult[] = [];
    const giveBack = await link.hold('the scenario takes the device for trials of its TLS');
    try {
      for (const trial of trials) tls.push(await this.trial(trial, console, random.fork(trial.name)));
    } finally {
      // The client resets the device.
      giveBack();
    }
    const called = tls.filter(({ seen }) => seen !== undefined).length;
    if (called === 0)
      throw unproved(fault, `no connection reached the host; the device said: ${tls[0]?.said}`);
    const greeted = tls.filter(({ seen }) => seen?.hello !== undefined).length;
    log.proved(
      fault,
      `the device reached ${called} of ${trials.length} servers, and greeted ${greeted} in TLS`,
    );
    log.cleared(fault);
    return { ...(await awaitRecovery(fault, this.options)), tls };
  }

  private async trial(trial: TlsTrial, console: UartConsole, random: Random): Promise<TlsTrialResult> {
    const { clock, signal } = this.options;
    const server = await this.serve(trial, random);
    try {
      const repl = await RawRepl.enter({ console, clock, signal });
      const startUs = clock.now();
      try {
        const { output, failure } = await repl.execute(program(server.address, server.port), TRIAL_LIMIT);
        const said = (output.trim() || failure.trim()).split('\n').at(-1)?.trim() ?? '';
        const kind = kindOf(said, trial.answerBytes);
        return { name: trial.name, kind, said, tookUs: elapsed(startUs, clock.now()), seen: server.seen() };
      } catch (error) {
        if (!isRigError(error, 'TIMEOUT')) throw error;
        const tookUs = elapsed(startUs, clock.now());
        return { name: trial.name, kind: 'silent', said: messageOf(error), tookUs, seen: server.seen() };
      } finally {
        repl.close();
      }
    } finally {
      await server.close();
    }
  }

  /** A server of that kind on a port of its own; it takes one connection. */
  private async serve({ profile, answerBytes }: TlsTrial, random: Random) {
    const { network } = this.options.ports;
    const connections: Connection[] = [];
    let tls: TlsServer | undefined;
    const listener = await network.listen(0, (connection) => {
      connections.push(connection);
      if (tls !== undefined) {
        connection.destroy();
        return;
      }
      tls = new TlsServer({
        profile,
        answer: new Uint8Array(answerBytes).fill(0x2e),
        randomBytes: (length) => Uint8Array.from({ length }, () => random.integer(0, 255)),
        // A device that has given up takes nothing any more, and says so itself.
        send: (bytes) => void connection.write(bytes).catch(() => undefined),
        end: () => void connection.end().catch(() => undefined),
      });
      void pump(connection, tls);
    });
    return {
      address: network.hostAddress,
      port: listener.port,
      seen: () => tls?.seen,
      close: async () => {
        for (const connection of connections) connection.destroy();
        await listener.close();
      },
    };
  }
}

/** Gives the server what arrives, until the connection ends, in whatever way. */
async function pump(connection: Connection, server: TlsServer): Promise<void> {
  try {
    for (let bytes = await connection.read(); bytes !== undefined; bytes = await connection.read()) {
      server.push(bytes);
    }
  } catch (error) {
    if (!isRigError(error, 'CLOSED')) throw error;
  }
}

function kindOf(said: string, answerBytes: number): TlsTrialResult['kind'] {
  const read = /^tls: read (\d+)$/.exec(said)?.[1];
  if (read !== undefined) return Number(read) === answerBytes ? 'read' : 'wrong';
  return said === '' ? 'silent' : 'error';
}

/** Asks the server something and reads to the end; says how many bytes came, or why not. */
const program = (address: string, port: number): string => `
import gc, network, socket, time
try:
    import ssl
except ImportError:
    import ussl as ssl
w = network.WLAN(network.STA_IF)
for _ in range(200):
    if w.isconnected():
        break
    time.sleep_ms(100)
gc.collect()
s = socket.socket()
s.settimeout(20)
try:
    s.connect(("${address}", ${port}))
    t = ssl.wrap_socket(s)
    t.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
    n = 0
    while True:
        d = t.read(256)
        if not d:
            break
        n += len(d)
    print("tls: read", n)
except Exception as e:
    print("tls: error", repr(e))
finally:
    s.close()
`;

/**
 * What the rig has seen of the device and the link so far: it turns what client, server and console report into
 * events and into steps of the fault under way, and remembers the little that others ask for.
 */
import { StartHistory } from '../device/start-history.js';
import type { FaultLog } from '../faults/fault-log.js';
import { TransitWatch } from '../faults/transit-watch.js';
import type { ConsoleNotice } from '../ports.js';
import type { DurationUs, InstantUs } from '../time/units.js';
import { us } from '../time/units.js';
import { ConsoleWatch, type RomMessage } from './console-watch.js';
import type { RunEventBody } from './events.js';
import type { Redactor } from './redaction.js';

export type LinkState = 'down' | 'rebooting' | 'synchronised' | 'configured';
export type ServerState = 'connected' | 'reconnected' | 'outage' | 'refused';

export interface ObserverOptions {
  readonly emit: (body: RunEventBody) => void;
  readonly faults: FaultLog;
  /** What the device prints is kept without the secrets that this knows. */
  readonly redactor?: Redactor;
  /** The console hears the ROM at each start of the chip. */
  readonly romSpeaks?: boolean;
  /** The device lost its memory. */
  readonly onBoot: () => void;
}

export class Observer {
  /** The device's boots: all, and those that nothing on the bench explains. */
  readonly boots = { total: 0, unexpected: 0 };
  readonly exchange = { count: 0, totalUs: us(0), maxUs: us(0), failed: 0 };
  readonly console: ConsoleWatch;
  /** Failures that the rig's own stalls may have caused. */
  hostStalls = 0;
  lastHeardUs: InstantUs | undefined;
  /** When a connection last arrived at the server. */
  lastConnectionUs: InstantUs | undefined;
  /** When the device last said that it had lost its server. */
  lastDownUs: InstantUs | undefined;
  readonly transits = new TransitWatch();
  /** The chip's starts, and what is wrong with them. */
  readonly starts: StartHistory;
  lastRom: { readonly atUs: InstantUs; readonly cause: number; readonly mode: number } | undefined;
  /** When the client last rebooted the device, and why. */
  lastReboot: { readonly atUs: InstantUs; readonly reason: string } | undefined;
  linkState: LinkState = 'down';
  serverUp = false;
  /** By the device's own account. */
  deviceSaysUp = false;
  /** Why the device said that it stopped, since its last boot. */
  stopped: 'bad-wifi' | 'bad-server' | undefined;
  /** Until the link first worked, boots are the rig's own doing. */
  private broughtUp = false;
  private keptWords: readonly string[] | undefined;
  private readonly options: ObserverOptions;

  constructor(options: ObserverOptions) {
    this.options = options;
    this.starts = new StartHistory({ romSpeaks: options.romSpeaks ?? false });
    this.console = new ConsoleWatch(
      {
        line: (line) => options.emit({ type: 'console', line }),
        rom: (message, atUs) => this.sawRom(message, atUs),
      },
      options.redactor,
    );
  }

  bringUpDone(): void {
    this.broughtUp = true;
  }

  /** The client is about to reboot the device. */
  sawReboot(reason: string, atUs: InstantUs): void {
    this.lastReboot = { atUs, reason };
  }

  sawLink(state: LinkState, reason: string | undefined): void {
    const { emit, faults } = this.options;
    this.linkState = state;
    emit({ type: 'link', state, ...(reason !== undefined && { reason }) });
    if (state === 'rebooting' || state === 'down') faults.seen('seen by the client');
    if (state === 'rebooting') {
      this.lostAgain();
      this.starts.expectOwn();
    }
    if (state === 'synchronised' || state === 'configured') faults.seen(state);
  }

  sawDeviceServer(up: boolean, atUs: InstantUs): void {
    const { emit, faults } = this.options;
    this.deviceSaysUp = up;
    // A chip that starts over and over may get as far as to be configured, one step in each of its lives.
    if (up) this.starts.programWorked();
    emit({ type: 'device.server', up });
    if (up) return;
    this.lastDownUs = atUs;
    faults.seen('seen by the client');
  }

  /** Whoever reaches the server has a WiFi that works. */
  sawConnection(atUs: InstantUs): void {
    const { faults } = this.options;
    this.lastConnectionUs = atUs;
    if (faults.current?.clearedUs !== undefined) faults.seen('WiFi up');
  }

  /** `isWhole`: false of a server that a fault has broken itself, and that is no witness of it. */
  sawServer(client: string, state: ServerState, detail: string, isWhole = true): void {
    const { emit, faults } = this.options;
    emit({ type: 'server', state, client, detail });
    if (state === 'refused') return;
    this.serverUp = state !== 'outage';
    if (state === 'outage') {
      if (isWhole) faults.seen('seen by the server');
      this.lostAgain();
    } else if (faults.current?.clearedUs !== undefined) {
      faults.seen('server up');
    }
  }

  sawStopped(reason: 'bad-wifi' | 'bad-server'): void {
    this.stopped = reason;
    this.options.emit({ type: 'device.stopped', reason });
  }

  sawExchange(durationUs: DurationUs, ok: boolean): void {
    const { exchange } = this;
    if (!ok) {
      exchange.failed += 1;
      return;
    }
    exchange.count += 1;
    exchange.totalUs = us(exchange.totalUs + durationUs);
    if (durationUs > exchange.maxUs) exchange.maxUs = durationUs;
  }

  /** The rig's own process stood still while the device waited for it: no failure may be blamed on the device. */
  sawHostStall(stallUs: DurationUs): void {
    this.hostStalls += 1;
    this.options.emit({
      type: 'note',
      text: `The rig itself stalled for ${Math.round(stallUs / 1_000)} ms; what failed meanwhile is not the device's.`,
    });
  }

  /** What the device prints from now on is the answer to the rig's questions, and not what it died with. */
  keepLastWords(): void {
    this.keptWords ??= this.console.lastLines();
  }

  /** The console's last lines, up to `keepLastWords`. */
  lastWords(): readonly string[] {
    return this.keptWords ?? this.console.lastLines();
  }

  /** What was printed before a gap and what is printed after it are not one line. */
  sawConsoleNotice({ detail }: ConsoleNotice): void {
    this.console.flush();
    this.options.emit({ type: 'note', text: `Console: ${detail}` });
  }

  /** What was reached during recovery is lost again, and must be reached once more. */
  private lostAgain(): void {
    for (const step of ['synchronised', 'configured', 'WiFi up', 'server up'] as const) {
      this.options.faults.undo(step);
    }
  }

  private sawRom({ cause, mode }: RomMessage, atUs: InstantUs): void {
    const { emit, faults, onBoot } = this.options;
    const expected = !this.broughtUp || faults.current !== undefined;
    this.boots.total += 1;
    if (!expected) this.boots.unexpected += 1;
    this.lastRom = { atUs, cause, mode };
    this.starts.sawRom(atUs, cause, mode);
    this.stopped = undefined;
    this.deviceSaysUp = false;
    emit({ type: 'boot', number: this.boots.total, cause, mode, expected });
    faults.seen('ROM message');
    onBoot();
  }
}

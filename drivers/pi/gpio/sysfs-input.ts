/**
 * An input line by way of /sys/class/gpio and `onoff`. It learns that something changed, and what the level is a moment
 * later: no time stamp, and edges that follow each other closely come as one. An even number of edges leaves the level as
 * it was and is told as two; an odd one as one. What else was merged it cannot know: for measurements use the character
 * device.
 */
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { EdgeQueue } from '../../../rig/edge-queue.js';
import { RigError } from '../../../rig/errors.js';
import type { Edge, InputLine, Level } from '../../../rig/ports.js';
import type { Clock, Timer } from '../../../rig/time/clock.js';
import { type DurationUs, later, ms } from '../../../rig/time/units.js';
import type { Opened } from '../device.js';
import { type Sysfs, SysfsLine } from './sysfs-line.js';

/** How often a wait makes sure that its line is still there. */
const LOOK_INTERVAL = ms(250);

export class SysfsInput implements Opened<InputLine> {
  private readonly line: SysfsLine;
  private readonly clock: Clock;
  private readonly queue: EdgeQueue;
  /** The level that was told last. */
  private toldLevel: Level = 0;
  private sequence = 0;
  /** Set while a notification may be on its way that tells of edges from before `discardEdges`. */
  private lateNotification: NodeJS.Immediate | undefined;
  private isLost = false;
  private closed = false;

  /** Exports the line; its edges count from now on. Throws `BENCH` with the reason when it cannot be had. */
  constructor(sysfs: Sysfs, clock: Clock, config: LineConfig, name: string) {
    this.line = new SysfsLine(sysfs, config, name, 'both');
    this.clock = clock;
    this.queue = new EdgeQueue(this.line.name, clock);
    const { gpio } = this.line;
    const readSync = gpio.readSync.bind(gpio);
    // onoff reads the level in a callback from native code, where an error would end the process.
    gpio.readSync = () => this.guarded(readSync);
    gpio.watch((_error, level) => this.changed(this.line.outside(level)));
    // Reading by the watched descriptor, the kernel forgets edges of before.
    this.toldLevel = this.line.outside(gpio.readSync());
  }

  get missedEdges(): number {
    return this.queue.missedEdges;
  }

  async read(): Promise<Level> {
    if (this.closed) throw this.closedError();
    return this.line.level();
  }

  async nextEdge(timeout: DurationUs): Promise<Edge> {
    const stopChecking = this.checkNowAndThen();
    try {
      return await this.queue.next(timeout);
    } finally {
      stopChecking();
    }
  }

  discardEdges(): void {
    if (this.closed || this.isLost) return;
    // Reading by the watched descriptor makes the kernel forget what it was about to tell.
    const level = this.line.outside(this.line.gpio.readSync());
    if (level !== this.toldLevel) this.sequence += 1;
    this.toldLevel = level;
    this.queue.discard();
    this.expectLateNotification();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearImmediate(this.lateNotification);
    this.queue.end(this.closedError());
    this.line.close();
  }

  private changed(level: Level): void {
    if (this.closed || this.isLost) return;
    if (level !== this.toldLevel) this.add(level);
    else if (this.lateNotification === undefined) {
      this.add(level === 0 ? 1 : 0);
      this.add(level);
    }
  }

  private add(level: Level): void {
    this.toldLevel = level;
    this.sequence += 1;
    this.queue.add({ level, atUs: this.clock.now(), sequence: this.sequence });
  }

  /**
   * One notification may have left the kernel and not have arrived; it comes in the next round of the event loop, which
   * has ended at the second immediate from here.
   */
  private expectLateNotification(): void {
    clearImmediate(this.lateNotification);
    this.lateNotification = setImmediate(() => {
      this.lateNotification = setImmediate(() => {
        this.lateNotification = undefined;
      });
    });
  }

  /** Nobody is woken when the device goes away (fs/kernfs/dir.c, kernfs_drain): it has to be looked for. */
  private checkNowAndThen(): () => void {
    let timer: Timer | undefined;
    const look = () => {
      timer = this.clock.at(`look for line ${this.line.name}`, later(this.clock.now(), LOOK_INTERVAL), () => {
        this.lookForLine();
        if (!this.isLost) look();
      });
    };
    if (!this.closed && !this.isLost) look();
    return () => timer?.cancel();
  }

  private lookForLine(): void {
    try {
      this.line.level();
    } catch (error) {
      this.lost(error);
    }
  }

  private guarded(readSync: () => Level): Level {
    try {
      return readSync();
    } catch (error) {
      this.lost(error);
      return this.line.outside(this.toldLevel);
    }
  }

  /** The device is gone: whoever waits, and whoever asks later, is told so. */
  private lost(error: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    this.queue.end(this.line.error(error));
    // Its descriptor would be ready for ever.
    this.line.gpio.unwatchAll();
  }

  private closedError(): RigError {
    return new RigError('CLOSED', `Line ${this.line.name} is closed.`);
  }
}

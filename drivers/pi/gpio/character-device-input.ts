/** An input line by way of the GPIO character device: every edge with the kernel's time and number. */
import type { LineConfig } from '../../../rig/bench-file/values.js';
import { EdgeQueue } from '../../../rig/edge-queue.js';
import { RigError } from '../../../rig/errors.js';
import { EDGE_QUEUE_LIMIT, type Edge, type InputLine, type Level } from '../../../rig/ports.js';
import type { SystemClock } from '../../../rig/time/system-clock.js';
import type { DurationUs } from '../../../rig/time/units.js';
import type { Opened } from '../device.js';
import { callLine, lineError, lineLevel, type RequestedLine, requestLine } from './character-device.js';
import { EdgeDecoder } from './edge-decoder.js';
import type { Kernel } from './kernel.js';
import type { LinePoller } from './poller.js';
import { EVENT_BYTES, lineFlags, readEvents } from './uapi.js';

/** Events taken with one system call. */
const EVENTS_AT_A_TIME = 64;
/** System calls that one look at the line makes at most; a line that never rests must not stop everything else. */
const READS_AT_A_TIME = (2 * EDGE_QUEUE_LIMIT) / EVENTS_AT_A_TIME;

export class CharacterDeviceInput implements Opened<InputLine> {
  private readonly kernel: Kernel;
  private readonly poller: LinePoller;
  private readonly clock: SystemClock;
  private readonly line: RequestedLine;
  private readonly queue: EdgeQueue;
  private readonly decoder: EdgeDecoder;
  private readonly buffer = new Uint8Array(EVENTS_AT_A_TIME * EVENT_BYTES);
  private isLost = false;
  private closing: Promise<void> | undefined;

  /**
   * Requests the line; its edges count from now on. The pin's pull resistor stays as it is: an `ack` that nobody drives
   * is the wiring's business. Throws `BENCH` with the reason when the line cannot be had.
   */
  constructor(kernel: Kernel, poller: LinePoller, clock: SystemClock, config: LineConfig, name: string) {
    this.kernel = kernel;
    this.poller = poller;
    this.clock = clock;
    this.line = requestLine(kernel, config, name, lineFlags.edgeRising | lineFlags.edgeFalling);
    this.queue = new EdgeQueue(this.line.name, clock);
    try {
      callLine(this.line.name, () => kernel.setNonBlocking(this.line.fd));
      this.decoder = new EdgeDecoder(lineLevel(kernel, this.line));
      this.settle();
    } catch (error) {
      kernel.close(this.line.fd);
      throw error;
    }
    poller.watch(this.line.fd, (failed) => this.ready(failed));
  }

  get missedEdges(): number {
    return this.queue.missedEdges;
  }

  async read(): Promise<Level> {
    if (this.closing !== undefined) throw this.closedError();
    return lineLevel(this.kernel, this.line);
  }

  async nextEdge(timeout: DurationUs): Promise<Edge> {
    // What has happened already need not wait for the poller's thread.
    this.takeEvents();
    return await this.queue.next(timeout);
  }

  discardEdges(): void {
    if (this.closing !== undefined) return;
    this.takeEvents();
    try {
      this.settle();
    } catch (error) {
      this.lost(error);
    }
    this.queue.discard();
  }

  close(): Promise<void> {
    this.closing ??= this.free();
    return this.closing;
  }

  private async free(): Promise<void> {
    this.queue.end(this.closedError());
    await this.poller.forget(this.line.fd);
    this.kernel.close(this.line.fd);
  }

  /** From now on only what happens from now on is of interest. */
  private settle(): void {
    const fromNs = this.kernel.nowNs();
    const level = lineLevel(this.kernel, this.line);
    this.decoder.settle(level, fromNs, this.kernel.nowNs());
  }

  private ready(failed: boolean): void {
    this.takeEvents();
    if (failed) this.lost(new Error('the kernel gave the line up'));
  }

  private takeEvents(): void {
    if (this.closing !== undefined || this.isLost) return;
    try {
      for (let reads = 0; reads < READS_AT_A_TIME; reads += 1) {
        const lengthBytes = this.kernel.read(this.line.fd, this.buffer);
        this.deliver(lengthBytes);
        if (lengthBytes < this.buffer.length) return;
      }
    } catch (error) {
      this.lost(error);
    }
  }

  private deliver(lengthBytes: number): void {
    const events = readEvents(this.buffer, lengthBytes);
    for (const edge of this.decoder.decode(events, this.kernel.nowNs())) {
      this.queue.noteMissed(edge.missedBefore);
      this.queue.add({
        level: edge.level,
        atUs: this.clock.atMonotonic(edge.atNs),
        sequence: edge.sequence,
      });
    }
  }

  /** The device is gone: whoever waits, and whoever asks later, is told so. */
  private lost(error: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    this.queue.end(lineError(this.line.name, error));
    // Its descriptor would be ready for ever.
    void this.poller.forget(this.line.fd);
  }

  private closedError(): RigError {
    return new RigError('CLOSED', `Line ${this.line.name} is closed.`);
  }
}

/**
 * Watches over the DUT's application by its keepalives (docs/protocol.md §4). An exchange proves only that the
 * DUT's interrupt handler lives; that may outlive the application.
 */
import { RigError } from '../errors.js';
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, elapsed, type InstantUs, later, toSeconds } from '../time/units.js';
import type { LinkLimits } from './client-options.js';

export class Liveness {
  private readonly clock: Clock;
  private readonly limits: LinkLimits;
  private readonly onDead: () => void;
  private timer: Timer | undefined;
  private boundUs: DurationUs | undefined;
  private hadKeepalive = false;
  private excused = false;
  private dead: RigError | undefined;

  /** `onDead` is called when a wait has run out; `death` then says why. */
  constructor(clock: Clock, limits: LinkLimits, onDead: () => void) {
    this.clock = clock;
    this.limits = limits;
    this.onDead = onDead;
  }

  /** Why the application counts as dead; undefined while it does not. */
  get death(): RigError | undefined {
    return this.dead;
  }

  /** The DUT has just been configured: it has yet to connect before it sends keepalives. */
  start(): void {
    this.hadKeepalive = false;
    this.expectWithin(this.limits.firstKeepaliveUs);
  }

  /** A keepalive has come. */
  keepalive(): void {
    this.hadKeepalive = true;
    this.expectWithin(this.limits.keepaliveUs);
  }

  /** Some other line has come: before the first keepalive that means progress. */
  progress(): void {
    if (!this.hadKeepalive) this.expectWithin(this.limits.firstKeepaliveUs);
  }

  /** Nothing is expected any more. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.boundUs = undefined;
    this.dead = undefined;
  }

  /**
   * The host stood still, so that keepalives may wait unread: allows one more full wait. Once for each
   * keepalive, so that a host that always stalls does not keep a dead DUT for ever.
   */
  excuse(): void {
    if (this.boundUs === undefined || this.excused) return;
    this.expectWithin(this.boundUs);
    this.excused = true;
  }

  private expectWithin(boundUs: DurationUs): void {
    this.stop();
    this.excused = false;
    this.boundUs = boundUs;
    const dueUs = later(this.clock.now(), boundUs);
    this.timer = this.clock.at('link keepalive', dueUs, () => this.expire(dueUs, boundUs));
  }

  private expire(dueUs: InstantUs, boundUs: DurationUs): void {
    if (elapsed(dueUs, this.clock.now()) > this.limits.hostStallUs && !this.excused) {
      this.excuse();
      return;
    }
    this.dead = new RigError(
      'TIMEOUT',
      `No keepalive from the device's application within ${toSeconds(boundUs)} s, although its interrupt ` +
        'handler answers. Its console may show an exception.',
    );
    this.onDead();
  }
}

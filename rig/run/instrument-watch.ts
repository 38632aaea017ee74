/** Puts the instrument's own condition into the journal from time to time, and says whether it can be trusted. */
import type { InputLine } from '../ports.js';
import type { Clock, Timer } from '../time/clock.js';
import { type DurationUs, later, ms, seconds, toMs, us } from '../time/units.js';
import type { RunEventBody } from './events.js';
import type { Observer } from './observer.js';
import { StallWatch } from './stall-watch.js';

const INTERVAL: DurationUs = seconds(10);

/** Stalls beyond this may have let a bounded wait of the exchange (1 s) run out without the device's fault. */
const STALL_LIMIT: DurationUs = ms(500);

export interface InstrumentWatchOptions {
  readonly clock: Clock;
  readonly ack: InputLine;
  readonly observer: Observer;
  readonly floorUs: DurationUs;
  readonly emit: (body: RunEventBody) => void;
}

export class InstrumentWatch {
  private readonly options: InstrumentWatchOptions;
  private readonly stalls: StallWatch;
  private timer: Timer | undefined;

  constructor(options: InstrumentWatchOptions) {
    this.options = options;
    this.stalls = new StallWatch(options.clock);
    this.arm();
  }

  /** Writes a last report and stops. */
  stop(): void {
    this.stalls.stop();
    this.timer?.cancel();
    this.report();
  }

  /** Why the instrument cannot vouch for what it saw; undefined when it can. */
  doubt(): string | undefined {
    const { ack, observer } = this.options;
    if (ack.missedEdges > 0) return `${ack.missedEdges} edges of the ack line were missed.`;
    if (observer.hostStalls > 0) {
      return `The rig stalled ${observer.hostStalls} times while the device waited for it.`;
    }
    const stallUs = this.stalls.maxUs;
    return stallUs > STALL_LIMIT ? `The rig stalled for ${Math.round(toMs(stallUs))} ms.` : undefined;
  }

  private arm(): void {
    const { clock } = this.options;
    this.timer = clock.at('instrument report', later(clock.now(), INTERVAL), () => {
      this.report();
      this.arm();
    });
  }

  private report(): void {
    const { ack, observer, floorUs, emit } = this.options;
    emit({
      type: 'instrument',
      stallMaxUs: us(this.stalls.maxUs),
      missedEdges: ack.missedEdges,
      exchange: { ...observer.exchange },
      floorUs,
    });
  }
}

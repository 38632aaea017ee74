/**
 * The time line: a lane for each thing that has a state, and in it the spans for which it was in one. What a lane shows
 * comes from the journal's events alone; before the first event of its kind a lane is empty.
 */
import type { RunEvent } from '../../rig/run/events.js';

/** Spans kept in one lane; a run with more shows its first ones and says how many are missing. */
export const SPANS_KEPT = 2_000;

export const laneNames = ['power', 'reset', 'WiFi', 'device', 'link', 'server'] as const;
export type LaneName = (typeof laneNames)[number];

/** How a state is meant: all is well, on the way there, broken, or broken on purpose. */
export type SpanMood = 'good' | 'waiting' | 'bad' | 'fault';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: string;
  readonly mood: SpanMood;
}

export interface Lane {
  readonly name: LaneName;
  readonly spans: readonly Span[];
  /** Spans left out at the end. */
  readonly notShown: number;
}

type State = Pick<Span, 'state' | 'mood'>;

/** What a fault of a kind is to the lane of what it breaks. */
const faultLanes: Readonly<Record<string, { lane: LaneName; state: string; otherwise: State }>> = {
  'power-cut': { lane: 'power', state: 'off', otherwise: { state: 'on', mood: 'good' } },
  'reset-press': { lane: 'reset', state: 'held', otherwise: { state: 'released', mood: 'good' } },
  'wifi-outage': { lane: 'WiFi', state: 'access point off', otherwise: { state: 'on', mood: 'good' } },
  'station-kick': { lane: 'WiFi', state: 'kicked', otherwise: { state: 'on', mood: 'good' } },
  'silent-loss': { lane: 'WiFi', state: 'silent loss', otherwise: { state: 'on', mood: 'good' } },
  'degraded-link': { lane: 'WiFi', state: 'degraded', otherwise: { state: 'on', mood: 'good' } },
};

const linkStates: Readonly<Record<string, State>> = {
  down: { state: 'down', mood: 'bad' },
  rebooting: { state: 'rebooting', mood: 'bad' },
  synchronised: { state: 'synchronised', mood: 'waiting' },
  configured: { state: 'up', mood: 'good' },
};

class LaneRecorder {
  private readonly spans: Span[] = [];
  private notShown = 0;
  private current: (State & { readonly fromMs: number }) | undefined;

  change(atMs: number, next: State): void {
    if (this.current?.state === next.state) return;
    this.end(atMs);
    this.current = { ...next, fromMs: atMs };
  }

  lane(name: LaneName, endMs: number): Lane {
    const open = this.current;
    const last = open === undefined || this.notShown > 0 ? [] : [spanOf(open, endMs)];
    return { name, spans: [...this.spans, ...last], notShown: this.notShown };
  }

  private end(atMs: number): void {
    if (this.current === undefined || this.current.fromMs === atMs) return;
    if (this.spans.length < SPANS_KEPT) this.spans.push(spanOf(this.current, atMs));
    else this.notShown += 1;
  }
}

const spanOf = ({ fromMs, state, mood }: State & { fromMs: number }, toMs: number): Span => ({
  fromMs,
  toMs,
  state,
  mood,
});

export class LanesRecorder {
  private readonly recorders = new Map<LaneName, LaneRecorder>(
    laneNames.map((name) => [name, new LaneRecorder()]),
  );
  private readonly kinds = new Map<number, string>();

  apply(event: RunEvent, atMs: number): void {
    switch (event.type) {
      case 'run.started':
        for (const lane of ['power', 'reset', 'WiFi'] as const) this.change(lane, atMs, wholeStates[lane]);
        break;
      case 'fault.injected':
        this.kinds.set(event.fault, event.kind);
        this.faultBegins(event.kind, atMs);
        break;
      case 'fault.cleared':
        this.faultEnds(this.kinds.get(event.fault), atMs);
        this.kinds.delete(event.fault);
        break;
      case 'boot':
        this.change('device', atMs, { state: 'booting', mood: 'waiting' });
        break;
      case 'link':
        this.linkChanges(event.state, atMs);
        break;
      case 'device.server':
        this.change('device', atMs, deviceState(event.up));
        break;
      case 'device.stopped':
        this.change('device', atMs, { state: `stopped: ${event.reason}`, mood: 'bad' });
        break;
      case 'server':
        this.change('server', atMs, serverState(event.state));
        break;
    }
  }

  /** The lanes that have anything to show. */
  lanes(endMs: number): Lane[] {
    return [...this.recorders]
      .map(([name, recorder]) => recorder.lane(name, endMs))
      .filter(({ spans }) => spans.length > 0);
  }

  private faultBegins(kind: string, atMs: number): void {
    const fault = faultLanes[kind];
    if (fault !== undefined) this.change(fault.lane, atMs, { state: fault.state, mood: 'fault' });
  }

  private faultEnds(kind: string | undefined, atMs: number): void {
    const fault = kind === undefined ? undefined : faultLanes[kind];
    if (fault !== undefined) this.change(fault.lane, atMs, fault.otherwise);
  }

  private linkChanges(state: string, atMs: number): void {
    const next = linkStates[state];
    if (next !== undefined) this.change('link', atMs, next);
    if (state === 'configured') this.change('device', atMs, { state: 'joining', mood: 'waiting' });
  }

  private change(lane: LaneName, atMs: number, state: State): void {
    this.recorders.get(lane)?.change(atMs, state);
  }
}

const wholeStates = {
  power: { state: 'on', mood: 'good' },
  reset: { state: 'released', mood: 'good' },
  WiFi: { state: 'on', mood: 'good' },
} as const satisfies Partial<Record<LaneName, State>>;

const deviceState = (up: boolean): State =>
  up ? { state: 'connected', mood: 'good' } : { state: 'not connected', mood: 'bad' };

function serverState(state: string): State {
  if (state === 'outage') return { state: 'outage', mood: 'bad' };
  if (state === 'refused') return { state: 'refused a client', mood: 'bad' };
  return { state: 'connected', mood: 'good' };
}

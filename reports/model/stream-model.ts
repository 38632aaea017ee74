/** What a report shows of one stream: its messages one by one while they are few, their density, and its curves. */
import type { LatencyHistogram } from '../../rig/measure/histogram.js';
import type { Direction, StreamDeclaration } from '../../rig/run/declarations.js';
import type { Phase, RunEventOf } from '../../rig/run/events.js';
import type { StreamLatencies } from '../../rig/run/result-streams.js';
import { type Density, LatencyDensity } from './latency-density.js';
import { type CurvePoint, percentileCurve } from './percentile-curve.js';

/** Messages of one stream that are kept one by one; with more of them a report shows their density. */
export const POINTS_KEPT = 5_000;
/** Messages that did not arrive, marked on the time line. */
export const MARKS_KEPT = 1_000;

export interface MessagePoint {
  readonly sequence: number;
  /** When it fell due, in milliseconds of the run. */
  readonly dueMs: number;
  readonly responseMs: number;
  readonly phase: Phase;
}

/** A message that did not arrive as it should. */
export interface MessageMark {
  readonly sequence: number;
  readonly dueMs: number;
  readonly what: 'lost' | 'unsent' | 'undecided' | 'reordered';
}

export const curveKinds = ['response', 'service'] as const;
export type CurveKind = (typeof curveKinds)[number];

export interface StreamModel {
  readonly name: string;
  readonly direction: Direction;
  readonly qos: boolean;
  readonly wait: boolean;
  /** Empty when there were more than `POINTS_KEPT`. */
  readonly points: readonly MessagePoint[];
  readonly density: Density;
  readonly marks: readonly MessageMark[];
  readonly marksNotShown: number;
  readonly curves: Readonly<Record<CurveKind, Readonly<Record<Phase, readonly CurvePoint[]>>>>;
}

export class StreamModelBuilder {
  private readonly declaration: StreamDeclaration;
  private readonly originMs: number;
  private readonly density = new LatencyDensity();
  private points: MessagePoint[] | undefined = [];
  private readonly marks: MessageMark[] = [];
  private marksNotShown = 0;

  /** `originMs`: the run's start on the clock of its events. */
  constructor(declaration: StreamDeclaration, originMs: number) {
    this.declaration = declaration;
    this.originMs = originMs;
  }

  message(event: RunEventOf<'message'>): void {
    const dueMs = event.dueUs / 1_000 - this.originMs;
    if (event.verdict !== 'delivered') this.mark({ sequence: event.sequence, dueMs, what: event.verdict });
    else if (event.reordered) this.mark({ sequence: event.sequence, dueMs, what: 'reordered' });
    const { deliveredUs, phase, sequence } = event;
    if (deliveredUs === undefined) return;
    const responseUs = Math.max(0, deliveredUs - event.dueUs);
    this.density.record(dueMs, responseUs / 1_000);
    if (this.points === undefined) return;
    if (this.points.length >= POINTS_KEPT) this.points = undefined;
    else this.points.push({ sequence, dueMs, responseMs: responseUs / 1_000, phase });
  }

  /** `latencies`: those of the run's result, from which the curves are made. */
  model(latencies: StreamLatencies | undefined): StreamModel {
    const { name, direction, qos, wait } = this.declaration;
    return {
      name,
      direction,
      qos,
      wait,
      points: this.points ?? [],
      density: this.density.density(),
      marks: this.marks,
      marksNotShown: this.marksNotShown,
      curves: { response: curves(latencies?.response), service: curves(latencies?.service) },
    };
  }

  private mark(mark: MessageMark): void {
    if (this.marks.length < MARKS_KEPT) this.marks.push(mark);
    else this.marksNotShown += 1;
  }
}

const curves = (
  histograms: Readonly<Record<Phase, LatencyHistogram>> | undefined,
): Record<Phase, CurvePoint[]> => ({
  steady: curve(histograms?.steady),
  fault: curve(histograms?.fault),
  recovery: curve(histograms?.recovery),
});

const curve = (histogram: LatencyHistogram | undefined): CurvePoint[] =>
  histogram === undefined ? [] : percentileCurve(histogram);

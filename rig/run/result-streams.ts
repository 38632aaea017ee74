/** What a run's events say of one stream: counts, latencies by phase, and the bound of its loss rate. */
import { upperBound } from '../measure/bounds.js';
import { LatencyHistogram } from '../measure/histogram.js';
import { rounded } from '../measure/rounding.js';
import type { StreamDeclaration } from './declarations.js';
import { type MessagePoint, messagePoints, type Phase, type RunEventOf } from './events.js';
import type { LatencyByPhase, StreamResult } from './result.js';

type MessageEvent = RunEventOf<'message'>;
type HistogramByPhase = Readonly<Record<Phase, LatencyHistogram>>;

/** The latencies of the messages of a stream that were delivered, by when they fell due. */
export interface StreamLatencies {
  readonly response: HistogramByPhase;
  readonly service: HistogramByPhase;
}

export class StreamTally implements StreamLatencies {
  readonly declaration: StreamDeclaration;
  due = 0;
  delivered = 0;
  lost = 0;
  unsent = 0;
  undecided = 0;
  duplicated = 0;
  reordered = 0;
  corrupted = 0;
  readonly response = histogramByPhase();
  readonly service = histogramByPhase();

  constructor(declaration: StreamDeclaration) {
    this.declaration = declaration;
  }

  message(event: MessageEvent): void {
    this.due += 1;
    this[event.verdict] += 1;
    if (event.reordered) this.reordered += 1;
    if (event.deliveredUs === undefined) return;
    this.response[event.phase].record(Math.max(0, event.deliveredUs - event.dueUs));
    if (event.acceptedUs === undefined) return;
    // The end of an exchange is noted after its last edge: the server may have the message before that.
    this.service[event.phase].record(Math.max(0, event.deliveredUs - event.acceptedUs));
  }

  anomaly({ kind }: RunEventOf<'anomaly'>): void {
    if (kind === 'duplicated') this.duplicated += 1;
    if (kind === 'corrupted') this.corrupted += 1;
  }

  result(): StreamResult {
    const { name, direction, qos, wait } = this.declaration;
    const { due, delivered, lost, duplicated, reordered, corrupted, unsent, undecided } = this;
    return {
      name,
      direction,
      qos,
      wait,
      due,
      delivered,
      lost,
      duplicated,
      reordered,
      corrupted,
      unsent,
      undecided,
      // A message that was never sent says nothing of the link.
      lossUpperBound95: rounded(upperBound(lost + undecided, delivered + lost + undecided)),
      response: summaries(this.response),
      service: summaries(this.service),
    };
  }
}

/** The last point that a message passed. */
export function lastPointOf(event: MessageEvent): MessagePoint {
  const timeOf: Readonly<Record<MessagePoint, number | undefined>> = {
    due: event.dueUs,
    offered: event.offeredUs,
    accepted: event.acceptedUs,
    acked: event.ackedUs,
    delivered: event.deliveredUs,
  };
  return messagePoints.findLast((point) => timeOf[point] !== undefined) ?? 'due';
}

const histogramByPhase = (): HistogramByPhase => ({
  steady: new LatencyHistogram(),
  fault: new LatencyHistogram(),
  recovery: new LatencyHistogram(),
});

const summaries = (histograms: HistogramByPhase): LatencyByPhase => ({
  steady: histograms.steady.summary(),
  fault: histograms.fault.summary(),
  recovery: histograms.recovery.summary(),
});

/** What a comparison needs of one run, from its events in one pass. */
import type { Phase, RunEvent } from '../../rig/run/events.js';
import type { RunResult } from '../../rig/run/result.js';
import { createResultBuilder } from '../../rig/run/result-builder.js';
import { type CurveKind, curveKinds } from '../model/stream-model.js';
import { LatencySample } from './latency-sample.js';

/** One distribution of a run. */
export interface SampleKey {
  readonly stream: string;
  readonly phase: Phase;
  readonly kind: CurveKind;
}

const phases = ['steady', 'fault', 'recovery'] as const;

export class RunSample {
  private readonly results = createResultBuilder();
  private readonly samples = new Map<string, LatencySample>();

  apply(event: RunEvent): void {
    this.results.apply(event);
    if (event.type !== 'message' || event.deliveredUs === undefined) return;
    const { stream, phase, fault, dueUs, acceptedUs, deliveredUs } = event;
    const record = (kind: CurveKind, fromUs: number) =>
      this.sampleOf({ stream, phase, kind }).record(dueUs / 1_000, Math.max(0, deliveredUs - fromUs), fault);
    record('response', dueUs);
    if (acceptedUs !== undefined) record('service', acceptedUs);
  }

  /** Throws `INVALID` when no `run.started` was seen. */
  get result(): RunResult {
    return this.results.result();
  }

  /** The distributions that have messages, stream by stream. */
  keys(): SampleKey[] {
    return this.result.streams.flatMap(({ name }) =>
      phases.flatMap((phase) =>
        curveKinds.flatMap((kind) => {
          const key = { stream: name, phase, kind };
          return this.samples.has(nameOf(key)) ? [key] : [];
        }),
      ),
    );
  }

  sample(key: SampleKey): LatencySample | undefined {
    return this.samples.get(nameOf(key));
  }

  private sampleOf(key: SampleKey): LatencySample {
    const name = nameOf(key);
    const sample = this.samples.get(name) ?? new LatencySample();
    this.samples.set(name, sample);
    return sample;
  }
}

const nameOf = ({ stream, phase, kind }: SampleKey): string => JSON.stringify([stream, phase, kind]);

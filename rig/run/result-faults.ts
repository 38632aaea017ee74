/** What a run's events say of its faults: when each step of the waterfall came, and what the fault cost. */
import type { RunEventOf, WaterfallStep } from './events.js';
import { FAULTS_KEPT, type FaultResult } from './result.js';

type LaterFaultEvent = RunEventOf<'fault.proved' | 'fault.cleared' | 'fault.step' | 'fault.recovered'>;
export type FaultEvent = RunEventOf<'fault.injected'> | LaterFaultEvent;

/** The first `FAULTS_KEPT` faults are listed one by one, and the latest one, as long as it is that. */
export class FaultTally {
  private readonly faults = new Map<number, FaultResult>();
  private latest = 0;
  /** All faults so far. */
  injected = 0;

  get notShown(): number {
    return this.injected - this.faults.size;
  }

  /** Faults from which everything recovered. */
  recovered = 0;

  /** Takes what happened to a fault at `atMs` of the run. */
  apply(event: FaultEvent, atMs: number): void {
    if (event.type === 'fault.injected') {
      this.injected += 1;
      if (this.faults.size > FAULTS_KEPT) this.faults.delete(this.latest);
      this.latest = event.fault;
      this.faults.set(event.fault, injectedFault(event, atMs));
      return;
    }
    const fault = this.faults.get(event.fault);
    if (fault !== undefined) this.progress(fault, event, atMs);
  }

  message(event: RunEventOf<'message'>): void {
    const fault = event.fault === undefined ? undefined : this.faults.get(event.fault);
    if (fault === undefined) return;
    if (event.verdict === 'lost') fault.lost += 1;
    if (event.reordered) fault.reordered += 1;
  }

  anomaly(event: RunEventOf<'anomaly'>): void {
    const fault = event.fault === undefined ? undefined : this.faults.get(event.fault);
    if (fault !== undefined && event.kind === 'duplicated') fault.duplicated += 1;
  }

  results(): FaultResult[] {
    return [...this.faults.values()].map((fault) => ({
      ...fault,
      waterfall: fault.waterfall.map((step) => ({ ...step })),
    }));
  }

  private progress(fault: FaultResult, event: LaterFaultEvent, atMs: number): void {
    switch (event.type) {
      case 'fault.proved':
        fault.evidence = event.evidence;
        fault.provedAtMs = atMs;
        addStep(fault, 'proved', atMs);
        break;
      case 'fault.cleared':
        fault.clearedAtMs = atMs;
        addStep(fault, 'cleared', atMs);
        break;
      case 'fault.recovered':
        if (fault.recoveredAtMs === null) this.recovered += 1;
        fault.recoveredAtMs = atMs;
        addStep(fault, 'backlog drained', atMs);
        break;
      case 'fault.step':
        addStep(fault, event.step, atMs);
        break;
    }
  }
}

function injectedFault(event: RunEventOf<'fault.injected'>, atMs: number): FaultResult {
  return {
    number: event.fault,
    kind: event.kind,
    detail: event.detail,
    injectedAtMs: atMs,
    evidence: null,
    provedAtMs: null,
    clearedAtMs: null,
    recoveredAtMs: null,
    waterfall: [{ step: 'injected', atMs }],
    lost: 0,
    duplicated: 0,
    reordered: 0,
  };
}

/** Each step counts the first time that it is seen. */
function addStep(fault: FaultResult, step: WaterfallStep, atMs: number): void {
  if (!fault.waterfall.some((seen) => seen.step === step)) fault.waterfall.push({ step, atMs });
}

/** Somebody's claim to the device: made, begun when the client has let go of the device, and over when it is given back. */
import type { RigError } from '../errors.js';

export class Hold {
  /** Resolves once the device is the holder's; rejects when the client ends before that. */
  readonly begun: Promise<void>;
  /** Resolves when the device is given back. */
  readonly over: Promise<void>;
  private beginNow: () => void = () => undefined;
  private refuseNow: (error: RigError) => void = () => undefined;
  private endNow: () => void = () => undefined;

  constructor() {
    this.begun = new Promise((resolve, reject) => {
      this.beginNow = resolve;
      this.refuseNow = reject;
    });
    this.over = new Promise((resolve) => {
      this.endNow = resolve;
    });
  }

  begin(): void {
    this.beginNow();
  }

  /** Changes nothing once it has begun. */
  refuse(error: RigError): void {
    this.refuseNow(error);
    this.endNow();
  }

  end(): void {
    this.endNow();
  }
}

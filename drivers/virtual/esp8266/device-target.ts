/**
 * The board's I2C target as the rest of the bench sees it: whether it answers, and transfers to and from it. Its memory is
 * the device's, so each transfer is a question to the device and its answer, at one instant.
 */

/** The device's answer to one transfer; undefined when it has no target at that address, or has stopped meanwhile. */
export interface TransferAnswer {
  readonly acknowledged: number;
  readonly bytes: Uint8Array;
}

const NOT_ANSWERING = -1;

export class DeviceTarget {
  private address = NOT_ANSWERING;
  private waiting: ((answer: TransferAnswer | undefined) => void) | undefined;

  answersAt(address: number): boolean {
    return address === this.address;
  }

  /** The device's program has chosen an address, or none. */
  movedTo(address: number): void {
    this.address = address;
  }

  /** Asks with `ask`, one question at a time, and resolves with the answer. */
  transfer(ask: () => void): Promise<TransferAnswer | undefined> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      ask();
    });
  }

  answered(acknowledged: number, bytes: Uint8Array): void {
    this.settle(acknowledged === NOT_ANSWERING ? undefined : { acknowledged, bytes });
  }

  /** The chip has stopped. */
  gone(): void {
    this.address = NOT_ANSWERING;
    this.settle(undefined);
  }

  private settle(answer: TransferAnswer | undefined): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.(answer);
  }
}

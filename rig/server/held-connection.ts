/**
 * A connection that can be cut off from its owner while it stands: the owner then reads nothing and writes into the void, and
 * cannot reset it either, so that the peer finds it as the fault is to leave it.
 */
import { RigError } from '../errors.js';
import type { Connection } from '../ports.js';

export class HeldConnection implements Connection {
  readonly remote: string;
  private readonly connection: Connection;
  private readonly onGone: () => void;
  private cutOff = false;
  /** Why the owner can have nothing more of it. */
  private over: RigError | undefined;
  /** Ends the read that is under way. */
  private endReading: (error: RigError) => void = () => undefined;

  /** `onGone`: the owner has dropped it, and it was not cut off. */
  constructor(connection: Connection, onGone: () => void) {
    this.connection = connection;
    this.remote = connection.remote;
    this.onGone = onGone;
  }

  /** It is not its owner's any more. */
  get isCutOff(): boolean {
    return this.cutOff;
  }

  /** What arrives once it is cut off is not the owner's: a read under way then waits until the owner is told. */
  read(): Promise<Uint8Array | undefined> {
    if (this.over !== undefined) return Promise.reject(this.over);
    return new Promise((resolve, reject) => {
      this.endReading = reject;
      if (this.cutOff) return;
      this.connection.read().then(
        (bytes) => {
          if (!this.cutOff) resolve(bytes);
        },
        (error: unknown) => {
          if (!this.cutOff) reject(error);
        },
      );
    });
  }

  /** Cut off, it takes everything, as a transport does whose peer is gone. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.over !== undefined) return Promise.reject(this.over);
    return this.cutOff ? Promise.resolve() : this.connection.write(bytes);
  }

  end(): Promise<void> {
    return this.cutOff ? Promise.resolve() : this.connection.end();
  }

  destroy(): void {
    if (this.cutOff) return;
    this.onGone();
    this.connection.destroy();
  }

  /** Nothing is read or written any more, and neither the peer nor the owner is told. */
  silence(): void {
    this.cutOff = true;
  }

  /** Closed in good order; the owner is told. */
  finish(): void {
    this.cutOff = true;
    // One that is gone already needs no end.
    this.connection.end().catch(() => undefined);
    this.tellOwner();
  }

  /** Reset; the owner is told. */
  drop(): void {
    this.cutOff = true;
    this.connection.destroy();
    this.tellOwner();
  }

  private tellOwner(): void {
    this.over ??= new RigError('CLOSED', `The connection of ${this.remote} was ended by a fault of the rig.`);
    this.endReading(this.over);
  }
}

/** What switches the device's supply, without regard to how that is measured, settles and is left. */

export interface Supply {
  /** What messages call it. */
  readonly name: string;
  /** Resolves when the switch is where it was told to be. */
  set(on: boolean): Promise<void>;
  /**
   * The command that brings the switch there from another process, for the undo log; undefined where the switch is held
   * by this process, and falls back when that ends.
   */
  command(on: boolean): readonly string[] | undefined;
  /** Where it can: lowers the supply until it is switched on or off. */
  sag?(): Promise<void>;
  /** Lets go of the switch. */
  close(): Promise<void>;
}

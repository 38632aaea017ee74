/** What a driver can tell of its access point, for those who look after a bench. */

export interface AccessPointStatus {
  /** Undefined where nothing on the bench can tell. */
  readonly isOnAir: boolean | undefined;
  /** One line for people. */
  readonly detail: string;
}

export interface AccessPointWatch {
  /** Rejects with `BENCH` when whatever makes the network does not answer. */
  status(): Promise<AccessPointStatus>;
}

/**
 * Has what waits for a port's poll event go on at once. The package's addon calls into JavaScript without telling Node, so
 * that promises which such a call settles are looked at only when something else happens: since Node 26.4 that may be
 * seconds later (serialport/bindings-cpp#239, serialport/node-serialport#3148).
 */

/** What the package's ports on Linux and macOS wait with. */
export interface PollEvents {
  on(event: 'readable' | 'writable', listener: () => void): unknown;
}

/** After each event of `poller` the event loop makes one more turn, in which Node looks at its promises. */
export function goOnAfterPolls(poller: PollEvents): void {
  for (const event of ['readable', 'writable'] as const) {
    poller.on(event, () => void setImmediate(() => undefined));
  }
}

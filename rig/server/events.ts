/** What the rig's server tells the rest of the rig. */
import type { InstantUs } from '../time/units.js';

export type ClientState = 'connected' | 'reconnected' | 'outage' | 'refused';

/**
 * Called synchronously, as it happens. `client` is the id that the device sent, without its line end. What a
 * callback throws is a defect and ends the run.
 */
export interface ServerEvents {
  /** A message is delivered to the application: new by its mid, whatever its text. */
  message(client: string, text: string, atUs: InstantUs): void;
  /** The client came, came back, was lost, or was turned away; `detail` says from where or why. */
  state(client: string, state: ClientState, detail: string): void;
  /** A connection arrived; who it is, its first line will say. */
  arrived?(remote: string, atUs: InstantUs): void;
  /** Bytes arrived from the client. Called for every chunk: keep it cheap. */
  heard?(client: string, atUs: InstantUs): void;
  /** A message arrived again; it was acknowledged, not delivered. */
  duplicateSuppressed?(client: string, text: string): void;
  /** The device broke the protocol. `client` is undefined before it sent its id. */
  malformed?(client: string | undefined, detail: string): void;
}

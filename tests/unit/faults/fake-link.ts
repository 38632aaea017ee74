/** The link as faults have it in hand, without a link. */
import type { LinkHandle } from '../../../rig/faults/link-handle.js';

const nothing = async () => undefined;

export const fakeLink = (changes: Partial<LinkHandle> = {}): LinkHandle => ({
  server: { break: nothing, mend: nothing },
  tellCredentials: () => undefined,
  restart: () => undefined,
  hold: async () => () => undefined,
  state: 'configured',
  stopped: undefined,
  saysUp: true,
  lastMessageUs: undefined,
  hasWaitedSince: () => false,
  ...changes,
});

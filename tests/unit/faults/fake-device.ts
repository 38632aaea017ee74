/** What is known of a device that has not started since the test began, and of whose program nothing is seen. */
import { StartHistory } from '../../../rig/device/start-history.js';
import type { InjectorOptions } from '../../../rig/faults/injector.js';

export const fakeDevice = (): Pick<InjectorOptions, 'device' | 'program'> => ({
  device: { starts: new StartHistory(), note: () => undefined },
  program: {
    startsSince: () => [],
    lastStartUs: () => undefined,
    exchanges: () => ({ count: 0, failed: 0 }),
  },
});

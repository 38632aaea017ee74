/** `lmac-deadlock`: unread data locks the WiFi stack up. A soft reset does not end that, the client's hard one does. */
import { defineScenario } from '../rig/run/scenario.js';
import { seconds } from '../rig/time/units.js';
import { againAndAgain, RECOVERY_LIMIT } from './air.js';
import {
  lossesAllowed,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';

/** What TCP takes before a program reads, and about as many segments as the WiFi stack then holds (docs/virtual-bench.md). */
const RECEIVE_BUFFERS = 16;
const RECEIVE_WINDOW_BYTES = 2_144;

export const lmacDeadlock = defineScenario({
  name: 'lmac-deadlock',
  summary: 'unread data locks the WiFi stack up, until a hard reset',
  description:
    'While messages flow both ways, the client lets go of the device, its program is stopped at the console, and a socket is ' +
    'opened from the prompt, as a program leaves one behind that ended without closing it. A peer on the host floods it ' +
    'with short segments, and nobody reads. They fill the receive queue of the WiFi stack, which then prints `LmacRxBlk:1` ' +
    'without end and lets nothing through. After a soft reset the device tries to connect again, and must fail. Then the client ' +
    'has the device again and resets it, and the link must come up by itself. Shows that the chip on the bench has this flaw, ' +
    'and that the one way out of it that there is works.',
  promise: 'A WiFi stack that unread data has locked up is recovered by a hard reset, and by nothing less.',
  parameters: {
    ...trafficParameters(60, seconds(1)),
    floods: { kind: 'integer', description: 'how often', default: 2, min: 1, max: 10_000 },
    segments: {
      kind: 'integer',
      description: 'segments that the peer sends, at most: it stops when the stack has locked up',
      default: 64,
      min: 1,
      max: 1_000,
    },
    segmentSize: {
      kind: 'integer',
      description: 'bytes of each: so few that the buffers are used up before the receive window is',
      default: 8,
      min: 1,
      max: Math.floor(RECEIVE_WINDOW_BYTES / RECEIVE_BUFFERS),
    },
  },
  needs: ['console', 'reset'],
  faults: [
    'a socket that nobody reads is flooded; proved by the device, whose prompt says that it has opened it, and by its console',
  ],
  measurements: ({ floods }) => [
    ...lossesAllowed,
    ...recoveryMeasurements(floods, RECOVERY_LIMIT),
    {
      name: 'deadlocks',
      unit: 'floods',
      description: 'after which the console showed `LmacRxBlk:1`',
      limit: { kind: 'equal', value: floods },
    },
    {
      name: 'ended by soft reset',
      unit: 'floods',
      description: 'after which a soft reset was enough to connect again',
      limit: { kind: 'equal', value: 0 },
    },
  ],
  streams: trafficStreams,
  run: (context) => {
    const { floods, segments, segmentSize } = context.parameters;
    return againAndAgain(context, floods, () =>
      context.faults.unreadFlood({ segments, sizeBytes: segmentSize }),
    );
  },
  conclude: (conclusion) => {
    const { faults, measure } = conclusion;
    measureCounts(conclusion);
    measureRecovery(conclusion);
    const seen = faults.flatMap(({ deadlock }) => (deadlock === undefined ? [] : [deadlock]));
    measure('deadlocks', seen.filter(({ deadlockUs }) => deadlockUs !== undefined).length);
    measure('ended by soft reset', seen.filter(({ endedBySoftReset }) => endedBySoftReset === true).length);
  },
});

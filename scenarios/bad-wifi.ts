/** `bad-wifi`: the device starts where there is no network for it, and must say so; then with what is in its flash. */
import { defineScenario } from '../rig/run/scenario.js';
import { type DurationUs, seconds, toMs } from '../rig/time/units.js';
import { RECOVERY_LIMIT } from './air.js';
import {
  lossesAllowed,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';
import { measureReports, reportMeasurement, reportsOf } from './starts.js';

/** A network is given up 20 s after it was tried (docs/protocol.md §4). */
const ATTEMPT: DurationUs = seconds(20);
/** The chip first joins by itself what it last used, and the word waits for an exchange. */
const MARGIN: DurationUs = seconds(5);
/** Faults of a round, and which of them is the start that has its flash alone to try. */
const FAULTS_OF_ROUND = 4;
const FLASH_ALONE = 2;
/** Starts of a round after which the device must say that there is no network. */
const REPORTS_OF_ROUND = 4;

const reportLimit = (name: string, description: string, networks: number) =>
  ({
    name,
    unit: 'ms',
    description,
    limit: { kind: 'atMost', value: toMs(ATTEMPT) * networks + toMs(MARGIN) },
  }) as const;

export const badWifi = defineScenario({
  name: 'bad-wifi',
  summary: 'starts without an access point, with wrong credentials, with those in flash',
  description:
    'The device is started where it finds no network. First the access point is off. Then it is off and the device is told a ' +
    'wrong passphrase, which it keeps in its flash, so that it fails too when the access point is on. Then the access ' +
    'point is off and the device is told no network, so that it has only its flash to try. Each time it must say that there ' +
    'is no WiFi, and once the network is right again, come up without help. At last it is told no network while all is ' +
    'well, and must join the one in its flash. Messages fall due all the time, and wait. A run that is stopped in between leaves ' +
    'the wrong passphrase in the flash of the device; the next run tells it the right one.',
  promise:
    'No WiFi at start-up is reported 20 s after the given credentials were tried; with empty credentials the device joins the ' +
    'network that it last used.',
  parameters: {
    ...trafficParameters(200, seconds(1)),
    rounds: {
      kind: 'integer',
      description: 'how often all of it is done',
      default: 1,
      min: 1,
      max: 1_000,
    },
  },
  needs: ['accessPoint', 'reset'],
  faults: [
    'the device starts without an access point, or with wrong credentials; proved by silence at the server, which is whole, for ' +
      'longer than joining takes',
    'the device starts anew and is told no network; proved by its synchronising anew',
  ],
  measurements: ({ rounds }) => [
    ...lossesAllowed,
    ...recoveryMeasurements(rounds * FAULTS_OF_ROUND, RECOVERY_LIMIT),
    reportMeasurement(
      'WiFi reported',
      'starts without a network after which the device said so (`b`)',
      rounds * REPORTS_OF_ROUND,
    ),
    reportLimit('report max', 'longest time to that word: a network in flash and one given are tried', 2),
    reportLimit('report max, flash only', 'the same where there was only the network in flash to try', 1),
  ],
  streams: trafficStreams,
  run: async ({ faults, parameters, random, sleep, trafficDone }) => {
    for (let round = 0; round < parameters.rounds; round += 1) {
      await sleep(seconds(random.integer(2, 6)));
      await faults.startWithout({ missing: 'access point', credentials: 'right' });
      await faults.startWithout(
        { missing: 'access point', credentials: 'wrong' },
        { missing: 'credentials' },
      );
      await faults.startWithout({ missing: 'access point', credentials: 'stored' });
      await faults.restart('stored');
    }
    await trafficDone();
  },
  conclude: (conclusion) => {
    const { faults, measure } = conclusion;
    measureCounts(conclusion);
    measureRecovery(conclusion);
    measureReports(conclusion, 'WiFi reported');
    const longest = (name: string, among: typeof faults) => {
      const reports = reportsOf({ faults: among }).filter((report) => report !== undefined);
      if (reports.length > 0) measure(name, Math.max(...reports.map((report) => toMs(report))));
    };
    const isFlashAlone = (index: number) => index % FAULTS_OF_ROUND === FLASH_ALONE;
    longest(
      'report max',
      faults.filter((_, index) => !isFlashAlone(index)),
    );
    longest(
      'report max, flash only',
      faults.filter((_, index) => isFlashAlone(index)),
    );
  },
});

/** `tls-limits`: TLS servers that ask for more than the chip can do, and such that do not. */
import type { TlsTrial, TlsTrialResult } from '../rig/faults/tls-trials.js';
import type { MeasurementDeclaration } from '../rig/run/declarations.js';
import { defineScenario } from '../rig/run/scenario.js';
import { seconds, toMs } from '../rig/time/units.js';
import type { ServerProfile } from '../rig/tls/server.js';
import { RECOVERY_LIMIT } from './air.js';
import {
  lossesAllowed,
  measureCounts,
  measureRecovery,
  recoveryMeasurements,
  trafficParameters,
  trafficStreams,
} from './parts.js';

/** A handshake takes seconds (the port's documentation); joining the network may come before it, and takes 20 s at most. */
const TIME_LIMIT = seconds(30);

const simple: ServerProfile = {
  keyExchange: 'rsa',
  certificate: 'valid',
  wantsClientCertificate: false,
  recordBytes: 1_024,
};
const trial = (name: string, profile: Partial<ServerProfile> = {}, answerBytes = 4_000): TlsTrial => ({
  name,
  profile: { ...simple, ...profile },
  answerBytes,
});

/** What axTLS can: the second time, too, by a whole handshake. */
const possible: readonly TlsTrial[] = [
  trial('RSA, valid certificate'),
  trial('the same again'),
  trial('RSA, expired certificate of another name', { certificate: 'expired' }),
];

/** What it cannot (the port's documentation, "SSL/TLS limitations"). */
const impossible: readonly TlsTrial[] = [
  trial('elliptic curves', { keyExchange: 'ecc' }),
  trial('Diffie-Hellman', { keyExchange: 'dh' }),
  trial('records of 16 KB', { recordBytes: 16_384 }, 16_384),
  trial("the client's certificate", { wantsClientCertificate: true }),
];

/** An error of a device that did not offer what it was asked for; one that did could do more than the chip. */
const isRefusedClearly = ({ kind, seen }: TlsTrialResult): boolean =>
  kind === 'error' && seen?.hello !== undefined && !seen.couldHave;

const perRound = possible.length + impossible.length;

const counted = (name: string, description: string, value: number) =>
  ({
    name,
    unit: 'connections',
    description,
    limit: { kind: 'equal', value },
  }) as const satisfies MeasurementDeclaration;

export const tlsLimits = defineScenario({
  name: 'tls-limits',
  summary: 'TLS servers that ask for more than the chip can do',
  description:
    'The client lets go of the device, its program is stopped at the console, and from the prompt it connects to TLS servers on the ' +
    'host, one after the other. Those with RSA key exchange and records of 1 KB must work: with a valid certificate, twice, without ' +
    'resuming a session; and with an expired one of another name, because the chip checks none. Those that insist on elliptic ' +
    'curves, on Diffie-Hellman, on a certificate of the client, or that send a record of 16 KB, must fail with an error in ' +
    'bounded time, and leave the device answering. Each server tells as well what it saw. Then the client resets the device, ' +
    "and the link must come up by itself. A device whose TLS can more than the ESP8266's fails this scenario, and rightly.",
  promise:
    'TLS on the chip: RSA key exchange works; what it cannot do (ECC, DH, records beyond about 5 KB, client certificates) fails ' +
    'with an error. Certificates are not validated.',
  parameters: {
    ...trafficParameters(30, seconds(2)),
    rounds: {
      kind: 'integer',
      description: 'how often all servers are tried',
      default: 1,
      min: 1,
      max: 1_000,
    },
  },
  needs: ['console', 'reset'],
  faults: ['the device is taken for trials of its TLS; proved by the servers, which it reaches'],
  measurements: ({ rounds }) => [
    ...lossesAllowed,
    ...recoveryMeasurements(rounds, RECOVERY_LIMIT),
    counted('worked', 'read to the end, of those that the chip can', rounds * possible.length),
    counted(
      'refused clearly',
      'ended by an error, of those that the chip cannot, and does not offer',
      rounds * impossible.length,
    ),
    counted('sessions resumed', 'in which the device wanted to go on with an earlier session', 0),
    {
      name: 'slowest handshake',
      unit: 'ms',
      description: 'longest time of a connection that worked, from the start of the program to its end',
      limit: { kind: 'atMost', value: toMs(TIME_LIMIT) },
    },
    {
      name: 'slowest error',
      unit: 'ms',
      description: 'longest time until the device said why it could not',
      limit: { kind: 'atMost', value: toMs(TIME_LIMIT) },
    },
  ],
  streams: trafficStreams,
  run: async (context) => {
    const { faults, measure, note, parameters, random, sleep } = context;
    const all: TlsTrialResult[] = [];
    for (let round = 0; round < parameters.rounds; round += 1) {
      await sleep(seconds(5));
      const { tls } = await faults.tlsTrials([...possible, ...impossible], random.fork(`round ${round}`));
      for (const { name, said, tookUs } of tls)
        note(`${name}: ${said}, after ${Math.round(toMs(tookUs))} ms`);
      all.push(...tls);
    }
    const can = all.filter((_, index) => index % perRound < possible.length);
    const cannot = all.filter((_, index) => index % perRound >= possible.length);
    measure('worked', can.filter(({ kind, seen }) => kind === 'read' && seen?.isEstablished).length);
    measure('refused clearly', cannot.filter(isRefusedClearly).length);
    measure('sessions resumed', all.filter(({ seen }) => seen?.hello?.wantsSession).length);
    measure('slowest handshake', Math.max(...can.map(({ tookUs }) => toMs(tookUs))));
    measure('slowest error', Math.max(...cannot.map(({ tookUs }) => toMs(tookUs))));
  },
  conclude: (conclusion) => {
    measureCounts(conclusion);
    measureRecovery(conclusion);
  },
});

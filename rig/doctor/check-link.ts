/**
 * Does the whole link work? Client and server are started as for a run; how far the device comes tells which wire
 * or which network is to be looked at.
 */
import { isRigError, messageOf, type RigError } from '../errors.js';
import { LinkClient } from '../link/client.js';
import type { LinkState } from '../link/client-options.js';
import type { BenchPorts } from '../ports.js';
import { BRING_UP_LIMIT } from '../run/bring-up.js';
import { LinkServer } from '../server/server.js';
import { type DurationUs, elapsed, type InstantUs, later, ms, toMs, toSeconds } from '../time/units.js';
import { type Finding, failed, ok, skipped } from './finding.js';
import { missing, type Patient } from './patient.js';

const POLL = ms(50);
const ID = 'rig-doctor';

/** What was seen of the link, in the order in which it comes up. */
interface Sightings {
  readonly startUs: InstantUs;
  state: LinkState;
  synchronisedUs?: InstantUs;
  configuredUs?: InstantUs;
  exchanges: number;
  exchangeUs: number;
  /** Exchanges that the host's own end of the bus cannot vouch for, and why the last of them. */
  doubtful: number;
  doubt?: RigError;
  connectedUs?: InstantUs;
  from?: string;
  deviceSaysUp: boolean;
  failure?: string;
}

type LinkPorts = Pick<BenchPorts, 'syn' | 'ack' | 'i2c' | 'network'>;

export async function* checkLink(patient: Patient): AsyncGenerator<Finding> {
  const { syn, ack, i2c, network } = patient.ports;
  const absent = missing(patient, 'link', ['syn', 'ack', 'i2c', 'network']);
  if (syn === undefined || ack === undefined || i2c === undefined || network === undefined) {
    if (absent !== undefined) yield absent;
    return;
  }
  const seen: Sightings = {
    startUs: patient.clock.now(),
    state: 'down',
    exchanges: 0,
    exchangeUs: 0,
    doubtful: 0,
    deviceSaysUp: false,
  };
  const server = createServer(patient, network, seen);
  try {
    await server.start();
  } catch (error) {
    yield failed('server', messageOf(error), 'Stop what uses the port, or choose another in server.port.');
    return;
  }
  yield ok('server', `port ${server.port} of ${network.hostAddress} was free, and is listened on`);
  const client = createClient(patient, { syn, ack, i2c, network }, seen);
  try {
    client.start().catch((error: unknown) => {
      if (!isRigError(error, 'CLOSED')) seen.failure = messageOf(error);
    });
    yield* watchLink(patient, seen);
  } finally {
    await client.close();
    await server.close();
  }
}

async function* watchLink(patient: Patient, seen: Sightings): AsyncGenerator<Finding> {
  const { clock, signal } = patient;
  const limit = later(clock.now(), BRING_UP_LIMIT);
  const done = () => seen.failure !== undefined || (seen.connectedUs !== undefined && seen.deviceSaysUp);
  while (!done() && clock.now() < limit) await clock.sleep('doctor: link', POLL, signal);
  yield wiresFinding(seen);
  yield busFinding(seen);
  if (seen.configuredUs === undefined) return;
  const station = await stationFinding(patient);
  if (station !== undefined) yield station;
  yield serverFinding(seen);
}

const after = (seen: Sightings, atUs: InstantUs): string =>
  `after ${toSeconds(elapsed(seen.startUs, atUs)).toFixed(1)} s`;

function wiresFinding(seen: Sightings): Finding {
  if (seen.synchronisedUs !== undefined) {
    return ok('syn, ack', `the device answered syn with ack ${after(seen, seen.synchronisedUs)}`);
  }
  return failed(
    'syn, ack',
    `the device never answered (${seen.failure ?? 'no reason known'})`,
    'Check both wires, and on "rig console" that the firmware starts; "rig flash" puts it there.',
  );
}

function busFinding(seen: Sightings): Finding {
  if (seen.doubt !== undefined) return doubtfulBus(seen.doubtful, seen.doubt);
  if (seen.configuredUs !== undefined) {
    const meanMs = toMs(seen.exchangeUs as DurationUs) / Math.max(1, seen.exchanges);
    return ok('i2c', `${seen.exchanges} exchanges, ${meanMs.toFixed(1)} ms each on average`);
  }
  if (seen.synchronisedUs === undefined) return skipped('i2c', 'not tried: the device does not answer syn');
  return failed(
    'i2c',
    `the device synchronised, but no exchange came through (${seen.failure ?? 'it went on trying'})`,
    'Check sda and scl, that they are not exchanged, their pull-ups, and the address in link.i2c.',
  );
}

/** The device clocks the bus faster than the host can follow. */
const doubtfulBus = (count: number, { message }: RigError): Finding =>
  failed(
    'i2c',
    `${count} exchanges cannot be vouched for, and would make a run INVALID. ${message}`,
    'Lower link.i2c.hz in the bench file and run "rig flash": it tells the board. See docs/physical-bench.md, "The Pi as I2C target".',
  );

/** Who has joined, where the access point can say that. */
async function stationFinding({ ports: { accessPoint } }: Patient): Promise<Finding | undefined> {
  const stations = await accessPoint?.stations?.();
  if (stations === undefined) return undefined;
  if (stations.length > 0) return ok('accessPoint', `${stations.join(', ')} has joined`);
  return failed(
    'accessPoint',
    'no station has joined',
    'Check ssid and passphrase, that the network is at 2.4 GHz, and the antenna’s surroundings.',
  );
}

function serverFinding(seen: Sightings): Finding {
  if (seen.connectedUs !== undefined && seen.deviceSaysUp) {
    return ok('network', `the device connected ${after(seen, seen.connectedUs)} (${seen.from ?? 'unknown'})`);
  }
  return failed(
    'network',
    seen.connectedUs === undefined
      ? 'the device never connected to the server'
      : 'the device connected, but never said that the link is up',
    'Check that server.host is this host’s address in the device’s network, and the firewall.',
  );
}

function createServer(patient: Patient, network: LinkPorts['network'], seen: Sightings): LinkServer {
  const { clock, server } = patient;
  return new LinkServer({
    clock,
    network,
    port: server.port,
    timeoutUs: server.timeoutUs,
    events: {
      message: () => undefined,
      state: (_client, state, detail) => {
        if (state !== 'connected' && state !== 'reconnected') return;
        seen.connectedUs ??= clock.now();
        seen.from ??= detail;
      },
    },
  });
}

function createClient(patient: Patient, ports: LinkPorts, seen: Sightings): LinkClient {
  const { clock, server, i2cAddress, resetPulseUs } = patient;
  const { reset, accessPoint } = patient.ports;
  return new LinkClient({
    clock,
    ports: { ...ports, ...(reset !== undefined && { reset }) },
    ...(i2cAddress !== undefined && { i2cAddress }),
    ...(resetPulseUs !== undefined && { resetPulseUs }),
    config: {
      id: ID,
      port: server.port,
      server: ports.network.hostAddress,
      timeoutMs: toMs(server.timeoutUs),
      ssid: accessPoint?.ssid ?? '',
      password: accessPoint?.passphrase ?? '',
    },
    events: {
      onState: (state) => {
        seen.state = state;
        if (state === 'synchronised') seen.synchronisedUs ??= clock.now();
        if (state === 'configured') seen.configuredUs ??= clock.now();
      },
      onExchange: ({ ok: fine, durationUs, error }) => {
        if (isRigError(error, 'INVALID')) {
          seen.doubtful += 1;
          seen.doubt = error;
        }
        if (!fine) return;
        seen.exchanges += 1;
        seen.exchangeUs += durationUs;
      },
      onServer: (up) => {
        seen.deviceSaysUp = up;
      },
      onFailed: (error) => {
        seen.failure = error.message;
      },
    },
  });
}

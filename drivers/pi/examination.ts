/**
 * The doctor on a physical bench: each port is opened for itself, so that one that cannot be had keeps nobody from
 * looking at the others; then all that could be opened are examined together.
 */
import type { PhysicalBenchFile } from '../../rig/bench-file/bench-file.js';
import { checkLoop } from '../../rig/doctor/check-loop.js';
import { examine } from '../../rig/doctor/examine.js';
import { type Finding, failed, ok, skipped } from '../../rig/doctor/finding.js';
import type { Patient, PortName } from '../../rig/doctor/patient.js';
import { present } from '../../rig/doctor/present.js';
import { isRigError, messageOf } from '../../rig/errors.js';
import type { BenchPorts } from '../../rig/ports.js';
import { Teardown } from '../../rig/run/teardown.js';
import type { SystemClock } from '../../rig/time/system-clock.js';
import { BusStraps, type OpenLine } from './bus-straps.js';
import type { Device } from './device.js';
import { checkHost } from './host-checks.js';
import type { PortContext, PortOpeners } from './port-openers.js';
import { GuardedSupply } from './power-guard.js';

export interface Examination {
  readonly file: PhysicalBenchFile;
  readonly clock: SystemClock;
  readonly context: PortContext;
  readonly open: PortOpeners;
  readonly openLine: OpenLine;
  readonly signal: AbortSignal;
  /** A wire joins syn and ack, in place of the device: those two are proved by each other, and nothing else is tried. */
  readonly loop: boolean;
}

/** Finding by finding. Whatever was opened is closed at the end, which leaves the bench as its file says. */
export async function* examineBench(examination: Examination): AsyncGenerator<Finding> {
  const { clock, signal, loop } = examination;
  yield* checkHost(clock, signal);
  const closing = new Teardown(clock);
  try {
    if (!loop) yield* checkBusLines(examination);
    const { ports, broken } = await openAll(examination, closing);
    for (const [port, error] of broken) yield failed(port, 'cannot be opened', messageOf(error));
    const patient = patientOf(examination, ports, new Set(broken.keys()));
    yield* loop ? checkLoop(patient) : examine(patient);
  } finally {
    const problems = await closing.run();
    for (const problem of problems)
      yield failed('bench', problem, 'Look at the bench before it is used again.');
  }
}

function patientOf(
  { file, clock, signal }: Examination,
  ports: Partial<BenchPorts>,
  broken: ReadonlySet<PortName>,
): Patient {
  return {
    clock,
    board: file.board.kind,
    ports,
    isBroken: (port) => broken.has(port),
    server: { port: file.server.port, timeoutUs: file.server.timeout },
    i2cAddress: file.link.i2c.address,
    ...(file.reset !== undefined && { resetPulseUs: file.reset.pulse }),
    signal,
  };
}

/** In the order in which a run opens them: nothing happens to the device before what watches it is there. */
async function openAll(
  { file, open, context, loop }: Examination,
  closing: Teardown,
): Promise<{ ports: Partial<BenchPorts>; broken: ReadonlyMap<PortName, unknown> }> {
  const broken = new Map<PortName, unknown>();
  const attempt = async <Port extends Device>(
    name: PortName,
    start: (file: PhysicalBenchFile, context: PortContext) => Promise<Port> | undefined,
  ): Promise<Port | undefined> => {
    if (loop && name !== 'syn' && name !== 'ack') return undefined;
    try {
      const port = await start(file, context);
      if (port !== undefined) closing.add(`close ${name}`, () => port.close());
      return port;
    } catch (error) {
      broken.set(name, error);
      return undefined;
    }
  };
  const syn = await attempt('syn', open.syn);
  const ack = await attempt('ack', open.ack);
  const i2c = await attempt('i2c', open.i2c);
  const reset = await attempt('reset', open.reset);
  const console = await attempt('console', open.console);
  const power = await attempt('power', open.power);
  const accessPoint = await attempt('accessPoint', open.accessPoint);
  const network = await attempt('network', open.network);
  // Run first: nothing may feed a supply that closing cuts.
  closing.add('release syn', () => syn?.release());
  closing.add('release the bus', () => (i2c?.role === 'target' ? i2c.disable() : undefined));
  const supply = power && new GuardedSupply(power, reset, file.power?.leave);
  const guarded = {
    syn: syn && (supply?.line(syn) ?? syn),
    i2c: i2c && (supply?.bus(i2c) ?? i2c),
    power: supply,
  };
  return { ports: present({ ack, reset, console, accessPoint, network, ...guarded }), broken };
}

/** Are both bus lines high while nobody uses the bus? One that is low keeps an ESP8266 from starting. */
async function* checkBusLines({ file, clock, openLine }: Examination): AsyncGenerator<Finding> {
  const device = 'scl, sda';
  const straps = file.reset?.straps;
  if (straps === undefined) {
    yield skipped(device, 'not tried: reset.straps is not in the bench file');
    return;
  }
  if (file.power?.leave === 'off') {
    yield skipped(
      device,
      'not tried: the device has no power between runs, nor have its pull-ups; reset looks at them',
    );
    return;
  }
  try {
    await new BusStraps(straps, clock, openLine).free();
    yield ok(device, 'both bus lines are high');
  } catch (error) {
    if (isRigError(error, 'CANCELLED')) throw error;
    yield failed(
      device,
      messageOf(error),
      'Check pull-ups and wires; a device without power may hold them low.',
    );
  }
}

/** The doctor on the virtual bench: whole, and with one thing broken at a time. */
import test from 'ava';
import { createVirtualBench } from '../../../drivers/virtual/bench.js';
import { examine } from '../../../rig/doctor/examine.js';
import type { Finding, FindingStatus } from '../../../rig/doctor/finding.js';
import type { Patient, PortName } from '../../../rig/doctor/patient.js';
import { isRigError, RigError } from '../../../rig/errors.js';
import type { BenchPorts } from '../../../rig/ports.js';
import { createRandom } from '../../../rig/random.js';
import { type DurationUs, ms, seconds } from '../../../rig/time/units.js';
import { type Flash, flashOf, linkFirmware } from '../../scenarios/rehearsal.js';

interface Sickness {
  readonly flash?: Flash;
  /** Replaces ports; `undefined` takes one away. */
  readonly ports?: (healthy: BenchPorts) => { [Name in PortName]?: BenchPorts[Name] | undefined };
  readonly broken?: readonly PortName[];
  readonly signal?: AbortSignal;
  readonly resetPulseUs?: DurationUs;
}

async function examined({
  flash = linkFirmware,
  ports,
  broken = [],
  signal,
  resetPulseUs,
}: Sickness): Promise<Finding[]> {
  const bench = createVirtualBench({
    random: createRandom(1),
    firmware: { name: 'examined', sha256: '0'.repeat(64), files: flash },
  });
  const changed = { ...bench.ports, ...ports?.(bench.ports) };
  const present = Object.fromEntries(Object.entries(changed).filter(([, port]) => port !== undefined));
  const patient: Patient = {
    clock: bench.clock,
    board: 'esp8266',
    ports: present,
    isBroken: (port) => broken.includes(port),
    server: { port: 8_123, timeoutUs: ms(1_500) },
    ...(resetPulseUs !== undefined && { resetPulseUs }),
    signal: signal ?? new AbortController().signal,
  };
  try {
    return await bench.run(async () => {
      const findings: Finding[] = [];
      for await (const finding of examine(patient)) findings.push(finding);
      return findings;
    });
  } finally {
    await bench.close();
  }
}

const volts = (value: number) => ({ kind: 'voltmeter', volts: value }) as const;

const statuses = (findings: readonly Finding[]): Record<string, FindingStatus[]> => {
  const byDevice: Record<string, FindingStatus[]> = {};
  for (const { device, status } of findings) byDevice[device] = [...(byDevice[device] ?? []), status];
  return byDevice;
};

const said = (findings: readonly Finding[], device: string): string =>
  findings
    .flatMap((finding) => (finding.device === device ? [`${finding.text} ${finding.next ?? ''}`] : []))
    .join('\n');

test('on a whole bench everything is ok', async (t) => {
  const findings = await examined({});
  t.deepEqual(statuses(findings), {
    power: ['ok', 'ok'],
    accessPoint: ['ok', 'ok'],
    'reset, console': ['ok'],
    server: ['ok'],
    'syn, ack': ['ok'],
    i2c: ['ok'],
    network: ['ok'],
  });
  t.true(findings.every(({ next }) => next === undefined));
  t.regex(said(findings, 'power'), /fell to 0\.\d\d V in \d+ ms/);
  t.regex(said(findings, 'reset, console'), /rst cause:2, boot mode:3/);
  t.regex(said(findings, 'i2c'), /\d+ exchanges, \d\.\d ms/);
});

test('every failure says what to do next', async (t) => {
  const findings = await examined({ flash: flashOf({ 'main.py': '1/0\n' }) });
  t.deepEqual(statuses(findings)['syn, ack'], ['failed']);
  t.deepEqual(statuses(findings).i2c, ['skipped']);
  t.regex(said(findings, 'syn, ack'), /rig console/);
  for (const { status, next } of findings) if (status === 'failed') t.truthy(next);
});

test('a switch that does not switch', async (t) => {
  const findings = await examined({
    ports: ({ power }) => ({
      power: power && { on: () => power.on(), off: async () => undefined, rail: async () => volts(3.3) },
    }),
  });
  t.deepEqual(statuses(findings).power, ['failed', 'ok']);
  t.regex(said(findings, 'power'), /stayed at 3\.30 V .*does not switch/);
});

test('a board that is fed through its signal lines', async (t) => {
  const findings = await examined({
    ports: ({ power }) => ({
      power: power && {
        on: () => power.on(),
        off: () => power.off(),
        rail: async () => volts(1.4),
      },
    }),
  });
  t.regex(said(findings, 'power'), /stayed at 1\.40 V .*fed through/);
});

test('a supply that nothing measures is a warning, not a failure', async (t) => {
  const findings = await examined({
    ports: ({ power }) => ({
      power: power && { on: () => power.on(), off: () => power.off(), rail: async () => undefined },
    }),
  });
  t.deepEqual(statuses(findings).power, ['warning']);
  t.deepEqual(statuses(findings).network, ['ok'], 'the supply is on again');
});

test('a console that hears nothing', async (t) => {
  const findings = await examined({
    ports: ({ console }) => ({ console: console && { ...deaf, write: (bytes) => console.write(bytes) } }),
  });
  t.deepEqual(statuses(findings)['reset, console'], ['failed']);
  t.regex(said(findings, 'reset, console'), /nothing else on the console .*RX/);
});

const deaf = {
  onChunk: () => () => undefined,
  onNotice: () => () => undefined,
  expectRom: async () => undefined,
};

test('a console at a rate that is not the ROM’s', async (t) => {
  const findings = await examined({
    ports: ({ console }) => ({
      console: console && {
        write: (bytes) => console.write(bytes),
        onNotice: (listener) => console.onNotice(listener),
        expectRom: (within) => console.expectRom(within),
        onChunk: (listener) =>
          console.onChunk((chunk) => listener({ ...chunk, bytes: chunk.bytes.map((byte) => byte | 0x80) })),
      },
    }),
  });
  t.regex(said(findings, 'reset, console'), /other bytes on the console .*74,880/);
});

test('a device that never gets an answer on the bus', async (t) => {
  const findings = await examined({
    ports: () => ({
      i2c: {
        role: 'target',
        enable: async () => undefined,
        disable: async () => undefined,
        armTransmit: async () => undefined,
        armReceive: async () => undefined,
        received: async () => new Uint8Array(0),
      },
    }),
  });
  t.deepEqual(statuses(findings)['syn, ack'], ['ok']);
  t.deepEqual(statuses(findings).i2c, ['failed']);
  t.regex(said(findings, 'i2c'), /sda and scl/);
});

test('a passphrase that is not the network’s', async (t) => {
  const findings = await examined({
    ports: ({ accessPoint }) => ({
      accessPoint: accessPoint && {
        ssid: accessPoint.ssid,
        passphrase: 'quite another one',
        on: () => accessPoint.on(),
        off: () => accessPoint.off(),
        stations: async () => (await accessPoint.stations?.()) ?? [],
      },
    }),
  });
  t.deepEqual(statuses(findings).i2c, ['ok']);
  t.deepEqual(statuses(findings).accessPoint, ['ok', 'failed']);
  t.deepEqual(statuses(findings).network, ['failed']);
});

test('a port that is taken', async (t) => {
  const findings = await examined({
    ports: ({ network }) => ({
      network: {
        hostAddress: network.hostAddress,
        listen: (port) =>
          network.listen(port, () => undefined).then(() => network.listen(port, () => undefined)),
      },
    }),
  });
  t.deepEqual(statuses(findings).server, ['failed']);
});

test('what is not in the bench file, or could not be opened, is said to be skipped', async (t) => {
  const findings = await examined({
    ports: () => ({ power: undefined, ack: undefined, console: undefined }),
    broken: ['ack'],
  });
  t.deepEqual(statuses(findings), {
    power: ['skipped'],
    accessPoint: ['ok'],
    'reset, console': ['skipped'],
    link: ['skipped'],
  });
  t.regex(said(findings, 'power'), /not in the bench file/);
  t.regex(said(findings, 'link'), /ack could not be opened/);
});

test('a port that breaks in the middle is a finding, and the examination goes on', async (t) => {
  const findings = await examined({
    ports: ({ reset }) => ({
      reset: reset && {
        press: async () => {
          throw new Error('line held by "leds"');
        },
        release: () => reset.release(),
      },
    }),
  });
  t.regex(said(findings, 'reset, console'), /leds/);
  t.true(findings.some(({ device }) => device === 'server'));
});

test('an examination that is stopped ends at once, with the supply on', async (t) => {
  const stop = new AbortController();
  let isOn: boolean | undefined;
  const error = await t.throwsAsync(
    examined({
      signal: stop.signal,
      ports: ({ power }) => ({
        power: power && {
          on: async () => {
            isOn = true;
            await power.on();
          },
          off: async () => {
            isOn = false;
            stop.abort();
            await power.off();
          },
          rail: async () => volts(3.3),
        },
      }),
    }),
  );
  t.true(isRigError(error, 'CANCELLED'));
  t.true(isOn);
});

test("exchanges that the host is too slow for are the bus frequency's fault, not that of the wires", async (t) => {
  const findings = await examined({
    ports: ({ i2c }) => ({
      i2c:
        i2c.role === 'controller'
          ? i2c
          : {
              role: 'target',
              enable: (address) => i2c.enable(address),
              disable: () => i2c.disable(),
              armReceive: (lengthBytes) => i2c.armReceive(lengthBytes),
              received: () => i2c.received(),
              armTransmit: async (bytes) => {
                if (bytes.length > 16) throw new RigError('INVALID', 'The FIFO may have run dry.');
                await i2c.armTransmit(bytes);
              },
            },
    }),
  });
  t.deepEqual(statuses(findings).i2c, ['failed']);
  t.regex(said(findings, 'i2c'), /FIFO may have run dry.*link\.i2c\.hz.*rig flash/s);
  t.notRegex(said(findings, 'i2c'), /exchanged|pull-ups/);
});

test('the firmware clocks the bus as its board.json says', async (t) => {
  const meanMs = (findings: readonly Finding[]): number =>
    Number(/([\d.]+) ms each/.exec(said(findings, 'i2c'))?.[1]);
  const slow = new Map([...linkFirmware, ['board.json', new TextEncoder().encode('{"i2c_hz": 20000}')]]);
  const fastMs = meanMs(await examined({}));
  const slowMs = meanMs(await examined({ flash: slow }));
  // Two headers of two bytes, each after an address: 54 bits more, at 50 µs each.
  t.true(slowMs > fastMs + 2, `${fastMs} ms, ${slowMs} ms`);
});

test('the console listens at the rate of the ROM for as long as a press lasts, and until the ROM has spoken', async (t) => {
  const windows: number[] = [];
  await examined({
    resetPulseUs: seconds(5),
    ports: ({ console }) => ({
      console: console && {
        onChunk: (listener) => console.onChunk(listener),
        onNotice: (listener) => console.onNotice(listener),
        write: (bytes) => console.write(bytes),
        expectRom: async (within) => void windows.push(within),
      },
    }),
  });
  t.true((windows[0] ?? 0) >= seconds(7));
});

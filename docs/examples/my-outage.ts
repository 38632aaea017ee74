/** `my-outage`: one long outage, while sensor readings that may be lost flow beside commands that may not. */
import { defineScenario, ms, seconds, toMs } from 'wifi-hil-rig';

export default defineScenario({
  name: 'my-outage',
  summary: 'one long outage, readings beside commands',
  description:
    'Commands go down with qos and in order, readings go up without qos. The access point is off once. ' +
    'Shows that no command is lost, and how many readings an outage costs.',
  promise: 'A WiFi outage at run time: with qos every message arrives once; without, some may be lost.',
  parameters: {
    outage: {
      kind: 'duration',
      description: 'how long the access point is off',
      default: seconds(20),
      min: seconds(3),
      max: seconds(600),
    },
  },
  needs: ['accessPoint'],
  faults: ['access point off, on again after `outage`; proved by silence at the server'],
  streams: () => [
    {
      name: 'commands',
      direction: 'downlink',
      qos: true,
      wait: true,
      periodUs: ms(500),
      count: 200,
      sizeBytes: 60,
    },
    {
      name: 'readings',
      direction: 'uplink',
      qos: false,
      wait: false,
      periodUs: ms(250),
      count: 400,
      sizeBytes: 40,
    },
  ],
  measurements: () => [
    {
      name: 'commands lost',
      unit: 'messages',
      description: 'never arrived',
      limit: { kind: 'equal', value: 0 },
    },
    { name: 'readings lost', unit: 'messages', description: 'never arrived', limit: { kind: 'none' } },
    {
      name: 'recovery',
      unit: 'ms',
      description: 'end of the outage until the backlog was drained',
      limit: { kind: 'atMost', value: 30_000 },
    },
  ],
  async run({ parameters, random, sleep, faults, note }) {
    await sleep(ms(random.integer(20_000, 40_000)));
    const { detectionUs } = await faults.wifiOutage(parameters.outage);
    if (detectionUs !== undefined) note(`noticed after ${toMs(detectionUs)} ms`);
  },
  conclude({ streams, faults, measure }) {
    for (const { name, lost } of streams) measure(`${name} lost`, lost);
    const recoveryUs = faults[0]?.recoveryUs;
    if (recoveryUs !== undefined) measure('recovery', toMs(recoveryUs));
  },
});

/**
 * A port of a USB hub that switches power port by port, by way of `uhubctl`. Many hubs only pretend to: they report
 * a port off that still has 5 V. Nothing but an instrument on the rail can tell.
 */
import type { PowerSection } from '../../../rig/bench-file/bench-file.js';
import { RigError } from '../../../rig/errors.js';
import type { Advice, CommandRunner } from '../command.js';
import type { Supply } from './supply.js';

type UhubctlSection = Extract<PowerSection, { driver: 'uhubctl' }>;

/** Makes sure that uhubctl sees the port. Rejects with `BENCH`. */
export async function openUhubctl({ hub, port }: UhubctlSection, run: CommandRunner): Promise<Supply> {
  const name = `USB hub ${hub} port ${port}`;
  const words = ['uhubctl', '-l', hub, '-p', `${port}`];
  const isOn = async (): Promise<boolean> => {
    const { stdout } = await run(words, { advice: adviceFor(hub) });
    const flags = portFlags(stdout, hub, port);
    if (flags !== undefined) return flags.includes('power');
    throw new RigError(
      'BENCH',
      `${name}: uhubctl does not show that port. "sudo uhubctl" lists hubs and ports that can be switched.`,
    );
  };
  const command = (on: boolean) => [...words, '-a', on ? '1' : '0'];
  await isOn();
  return {
    name,
    set: async (on) => {
      await run(command(on), { advice: adviceFor(hub) });
      // It ends with status 0 also when it could not switch (mvp/uhubctl#117).
      if ((await isOn()) !== on) {
        throw new RigError(
          'BENCH',
          `${name} is still ${on ? 'off' : 'on'} by uhubctl's own account. ${PERMISSION_STEP}`,
        );
      }
    },
    command,
    close: async () => undefined,
  };
}

const PERMISSION_STEP =
  'Give this user the hub: a udev rule for it (github.com/mvp/uhubctl, "Linux USB permissions"), or run the rig as root.';

const adviceFor = (hub: string): Advice[] => [
  { when: /permission problems/i, step: PERMISSION_STEP },
  {
    when: /no compatible devices/i,
    step: `No hub at ${hub} can switch its ports: "sudo uhubctl" lists those that can, with their locations.`,
  },
];

/**
 * The flags of a port in uhubctl's report, such as `power enable connect`; the last report counts. A USB 3 hub is
 * two hubs with locations of their own, both of which it may print.
 */
export function portFlags(printed: string, hub: string, port: number): readonly string[] | undefined {
  let location: string | undefined;
  let flags: readonly string[] | undefined;
  for (const line of printed.split('\n')) {
    location = /^(?:Current|New) status for hub (\S+)/.exec(line)?.[1] ?? location;
    const [, number, words = ''] = /^\s*Port (\d+): [0-9a-f]{4}([^[]*)/i.exec(line) ?? [];
    if (location === hub && Number(number) === port) flags = words.trim().split(/\s+/);
  }
  return flags;
}

/** The contract of the access point, on hostapd, nftables and the kernel's traffic control, with a real station. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openAccessPoint } from '../../../drivers/pi/access-point/open-access-point.js';
import { createCommandRunner } from '../../../drivers/pi/command.js';
import { openUndoLog } from '../../../drivers/pi/safety/undo-log.js';
import type { AccessPointSection } from '../../../rig/bench-file/bench-file.js';
import { SystemClock } from '../../../rig/time/system-clock.js';
import { ms } from '../../../rig/time/units.js';
import {
  type AccessPointDeviceBench,
  testAccessPoint,
  testAccessPointDevice,
} from '../../contract/access-point-suite.js';
import { becomeNobody, becomeRootAgain } from '../inside/another-user.js';
import { must, tool } from '../inside/program.js';
import { AP_INTERFACE, CONTROL, PASSPHRASE, Radios, SSID, STATION_ADDRESS } from '../inside/radios.js';

let radios: Radios;

test.before(async () => {
  radios = await Radios.create();
  await radios.startStation();
});

test.after.always(async () => {
  await radios?.remove();
});

const section = (station: string | undefined): AccessPointSection => ({
  driver: 'hostapd',
  interface: AP_INTERFACE,
  ssid: SSID,
  passphraseEnv: 'RIG_WIFI_PASSPHRASE',
  control: CONTROL,
  ...(station === undefined ? {} : { station }),
});

/**
 * The kernel looks for a station that fell silent three times, a second apart, and meanwhile keeps what is sent to it, to
 * drop it in the end (ARP): such a search is ended, so that it does not outlive the silence.
 */
async function ping() {
  for (const state of ['incomplete', 'failed']) {
    await tool('ip', 'neighbour', 'flush', 'dev', AP_INTERFACE, 'nud', state);
  }
  const { output } = await tool('ping', '-c', '1', '-W', '2', STATION_ADDRESS);
  const time = /time=([\d.]+) ms/.exec(output)?.[1];
  return time === undefined ? undefined : ms(Number(time));
}

const withStation =
  (named: boolean) =>
  async (body: (bench: AccessPointDeviceBench) => Promise<void>): Promise<void> => {
    const clock = new SystemClock();
    const folder = await mkdtemp(join(tmpdir(), 'undo-'));
    const run = createCommandRunner({ clock });
    const undo = await openUndoLog({ bench: 'lab', folder, run, clock });
    const open = () =>
      openAccessPoint(section(named ? radios.stationMac : undefined), {
        passphrase: PASSPHRASE,
        clock,
        undo,
        run,
      });
    const lossesBefore = radios.losses();
    const accessPoint = await open();
    try {
      await body({
        clock,
        accessPoint,
        station: radios.stationMac,
        losses: async () => radios.losses() - lossesBefore,
        isJoined: () => radios.isAssociated(),
        ping,
        close: () => accessPoint.close(),
        reopen: open,
        stopDaemon: () => radios.stopAccessPoint(),
        startDaemon: () => radios.startAccessPoint(),
        forbid: async () => becomeNobody(),
      });
    } finally {
      becomeRootAgain();
      await accessPoint.close();
      await rm(folder, { recursive: true });
    }
  };

testAccessPoint('hostapd', withStation(true));
testAccessPointDevice('hostapd', withStation(true));
testAccessPoint('hostapd without the address of the station', withStation(false));

test.serial('the host is as it was: no packet rule and no queue of the rig is left', async (t) => {
  t.is((await must('nft', 'list', 'ruleset')).trim(), '');
  t.notRegex(await must('tc', 'qdisc', 'show'), /netem|ingress|clsact/);
});

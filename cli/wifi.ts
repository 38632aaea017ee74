/** `rig wifi on|off|kick|silence|degrade`: the device's network by hand. */
import { Argument, type Command } from 'commander';
import { capabilitiesOf } from '../rig/bench-file/capabilities.js';
import type { AccessPoint, Impairment } from '../rig/ports.js';
import { parseDuration } from '../rig/time/duration-text.js';
import { us } from '../rig/time/units.js';
import { benchOption, type FoundPhysicalBenchFile } from './bench-file.js';
import { byHand, type Hand, type HandTools, requireSection } from './by-hand.js';
import { usageError } from './usage.js';

const actions = ['on', 'off', 'kick', 'silence', 'degrade'] as const;
type Action = (typeof actions)[number];

interface WifiOptions {
  readonly bench?: string;
  readonly loss?: string;
  readonly latency?: string;
  readonly jitter?: string;
}

const PURPOSE = '"rig wifi" switches the access point';
const UNTIL = 'It stays so until "rig wifi on", or the next run.';

export function addWifiCommand(program: Command, tools: HandTools): void {
  program
    .command('wifi')
    .summary('break the network of the device by hand, and make it whole')
    .description(
      'off: off the air. kick: disassociates the device, which may join again. silence: loses its packets and tells nobody. ' +
        'degrade: loses and delays them. on: on the air and whole again. What is broken stays so until "on" or the next run.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(actions))
    .option(benchOption.flags, `${benchOption.description})`)
    .option('--loss <percent>', 'degrade: share of packets lost each way, such as 10%')
    .option('--latency <duration>', 'degrade: added to every packet each way, such as 200ms')
    .option('--jitter <duration>', 'degrade: the latency varies by plus or minus this')
    .action(async (action: Action, options: WifiOptions) => {
      const impairment = impairmentOf(action, options);
      const command = {
        bench: options.bench,
        command: `rig wifi ${action}`,
        purpose: PURPOSE,
        require: (found: FoundPhysicalBenchFile) => requireAction(found, action),
      };
      await byHand(command, tools, (hand) => wifiByHand(hand, action, impairment));
    });
}

/** Refuses an access point that cannot do it. */
function requireAction(found: FoundPhysicalBenchFile, action: Action): void {
  requireSection(found, 'accessPoint', 'access point');
  const { file, where } = found;
  if (action === 'on' || action === 'off' || capabilitiesOf(file).has(`accessPoint.${action}`)) return;
  const way =
    action === 'degrade'
      ? 'Only the driver hostapd can.'
      : `Add its command as accessPoint.${action}, or use the driver hostapd.`;
  throw usageError(`${where(['accessPoint', 'driver'])}: this access point cannot ${action}. ${way}`);
}

async function wifiByHand(
  { file, session, open, say }: Hand,
  action: Action,
  impairment: Impairment,
): Promise<void> {
  // Each of these begins from a network that is whole, whatever was broken by hand before.
  if (['on', 'silence', 'degrade'].includes(action)) await session.undoLeftOver('accessPoint');
  const accessPoint = await open.accessPoint(file, session.context);
  if (accessPoint === undefined) return;
  // Closing it would put right what this command is for: only what is whole again is closed.
  switch (action) {
    case 'on':
      await accessPoint.on();
      say(`Access point ${file.accessPoint?.ssid} on, and whole. ${await stationsText(accessPoint)}`);
      await accessPoint.close();
      return;
    case 'off':
      await accessPoint.off();
      say(`Access point ${accessPoint.ssid} off. ${UNTIL}`);
      return;
    case 'kick':
      await accessPoint.kick?.();
      say(`The device was disassociated. ${await stationsText(accessPoint)}`);
      return;
    case 'silence':
      await accessPoint.silence?.();
      say(`Packets from and to the device are lost from now on. ${UNTIL}`);
      return;
    case 'degrade':
      await accessPoint.degrade?.(impairment);
      say(`Packets from and to the device: ${impairmentText(impairment)}. ${UNTIL}`);
  }
}

async function stationsText(accessPoint: AccessPoint): Promise<string> {
  const stations = await accessPoint.stations?.();
  if (stations === undefined) return 'This access point does not tell who has joined.';
  return stations.length === 0 ? 'No station has joined now.' : `Joined now: ${stations.join(', ')}.`;
}

const impairmentText = ({ loss, latencyUs, jitterUs }: Impairment): string =>
  `${loss * 100} % lost, ${latencyUs / 1_000} ms late by ±${jitterUs / 1_000} ms, each way`;

/** @throws USAGE when nothing would be impaired, a value is malformed, or given for another action. */
function impairmentOf(action: Action, { loss, latency, jitter }: WifiOptions): Impairment {
  const given = [loss, latency, jitter].some((value) => value !== undefined);
  if (action !== 'degrade' && given) {
    throw usageError(`rig wifi ${action}: --loss, --latency and --jitter are for "rig wifi degrade".`);
  }
  if (action === 'degrade' && !given) {
    throw usageError('rig wifi degrade: say how, with --loss 10%, --latency 200ms or --jitter 50ms.');
  }
  const duration = (text: string | undefined, option: string) =>
    text === undefined ? us(0) : parseDuration(text, option);
  const impairment = {
    loss: loss === undefined ? 0 : shareOf(loss),
    latencyUs: duration(latency, '--latency'),
    jitterUs: duration(jitter, '--jitter'),
  };
  if (impairment.jitterUs > impairment.latencyUs) {
    throw usageError('--jitter: it may not be more than --latency: no packet arrives before it was sent.');
  }
  return impairment;
}

/** `10%` as 0.1. */
function shareOf(text: string): number {
  const percent = /^(\d{1,3}(?:\.\d{1,4})?)\s*%$/.exec(text.trim())?.[1];
  const share = Number(percent) / 100;
  if (percent !== undefined && share <= 1) return share;
  throw usageError(
    `--loss: "${text}" is no share of packets. Write a percentage from 0% to 100%, such as 10%.`,
  );
}

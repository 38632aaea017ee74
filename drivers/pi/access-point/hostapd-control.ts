/**
 * hostapd's control interface, by way of `hostapd_cli`: the interface itself is a UNIX datagram socket, which Node
 * does not have. hostapd is a service of the system; the rig neither starts nor stops it.
 */
import { RigError } from '../../../rig/errors.js';
import type { Advice, CommandRunner } from '../command.js';
import { type HostapdStatus, parseAssociated, parseStatus } from './hostapd-status.js';

export interface HostapdOptions {
  /** hostapd's control directory. */
  readonly control: string;
  /** The wireless interface. */
  readonly interface: string;
  readonly run: CommandRunner;
}

export class HostapdControl {
  /** What messages call it. */
  readonly name: string;
  private readonly options: HostapdOptions;
  private readonly advice: readonly Advice[];

  constructor(options: HostapdOptions) {
    this.options = options;
    this.name = `hostapd on ${options.interface}`;
    this.advice = adviceFor(options);
  }

  /** The command that asks hostapd something. */
  argv(...words: readonly string[]): string[] {
    const { control, interface: device } = this.options;
    return ['hostapd_cli', '-p', control, '-i', device, ...words];
  }

  async status(): Promise<HostapdStatus> {
    const printed = await this.ask('status');
    const status = parseStatus(printed);
    if (status.state !== 'unknown') return status;
    throw new RigError('BENCH', `${this.name} does not tell its state; it printed: ${firstLineOf(printed)}`);
  }

  /** MAC addresses of the stations that are associated. */
  async associated(): Promise<string[]> {
    return parseAssociated(await this.ask('all_sta'));
  }

  /** Gives an order. Rejects with `BENCH` when hostapd does not take it. */
  async order(...words: readonly string[]): Promise<void> {
    // It answers OK or FAIL, and ends with status 0 either way.
    const answer = (await this.ask(...words)).trim();
    if (answer === 'OK') return;
    throw new RigError(
      'BENCH',
      `${this.name} answered ${JSON.stringify(firstLineOf(answer))} to "${words.join(' ')}". ` +
        'Its log says why: journalctl -u hostapd',
    );
  }

  private async ask(...words: readonly string[]): Promise<string> {
    return (await this.options.run(this.argv(...words), { advice: this.advice })).stdout;
  }
}

const adviceFor = ({ control, interface: device }: HostapdOptions): Advice[] => [
  {
    when: /permission denied/i,
    step:
      'This user may not talk to hostapd: put "ctrl_interface_group=netdev" into hostapd.conf, join that group ' +
      '(sudo adduser $USER netdev), restart hostapd and log in again.',
  },
  {
    when: /failed to connect/i,
    step:
      `hostapd does not run on ${device}, or its control directory is not ${control}: see "systemctl status ` +
      `hostapd", and put "ctrl_interface=${control}" into hostapd.conf.`,
  },
];

const firstLineOf = (text: string): string => text.trim().split('\n', 1)[0] ?? '';

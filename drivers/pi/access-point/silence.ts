/**
 * Silent loss by packet filter: a table of its own, of the family `netdev`, drops what comes from the device and
 * what goes to it, as it enters and leaves the wireless interface. Nobody else's table is touched, and with the
 * device's MAC address nobody else's traffic.
 */
import type { UndoEntry, UndoLog } from '../safety/undo-log.js';
import type { PacketTools } from './packet-privilege.js';

export interface PacketTarget {
  readonly interface: string;
  /** The device's MAC address; without it, all that uses the interface is meant. */
  readonly station: string | undefined;
}

export interface SilenceOptions extends PacketTarget {
  readonly tools: PacketTools;
  readonly undo: UndoLog;
}

/** Before everybody else's chains at the same hook. */
const PRIORITY = -500;

/**
 * EAPOL, the frames of WPA's key exchange, passes: without it hostapd would throw the station out when it renews the
 * group key, and a silence would become a disassociation. hostapd reads them behind the filter where the
 * driver has no control port of its own.
 */
const EAPOL = '0x888e';

export class Silence {
  private readonly options: SilenceOptions;
  private readonly table: string;
  private entry: UndoEntry | undefined;

  constructor(options: SilenceOptions) {
    this.options = options;
    this.table = `rig_${options.undo.bench.replace(/[^A-Za-z0-9_]/g, '_')}`;
  }

  /** Resolves when packets are dropped, both ways. Group-addressed frames still reach the device when its address is given. */
  async begin(): Promise<void> {
    const { interface: device, undo, tools } = this.options;
    const command = tools.argv('nft', this.clearing());
    this.entry ??= await undo.add({ name: `packet rules on ${device}`, command });
    await this.nft(this.rules());
  }

  /** Deletes the rules, if there may be any. */
  async end(): Promise<void> {
    if (this.entry === undefined) return;
    await this.nft(this.clearing());
    await this.entry.done();
    this.entry = undefined;
  }

  /** Adding the table first makes deleting it work whether or not it is there. */
  private clearing(): string {
    return `add table netdev ${this.table}; delete table netdev ${this.table}`;
  }

  /** One transaction of the kernel: all of it, or nothing. */
  private rules(): string {
    const { interface: device, station } = this.options;
    const { table } = this;
    const chain = (name: string, hook: 'ingress' | 'egress') =>
      `add chain netdev ${table} ${name} { type filter hook ${hook} device "${device}" priority ${PRIORITY}; }`;
    const drop = (name: string, side: 'saddr' | 'daddr') =>
      `add rule netdev ${table} ${name} ${station === undefined ? '' : `ether ${side} ${station} `}` +
      `ether type != ${EAPOL} counter drop`;
    return [
      this.clearing(),
      `add table netdev ${table}`,
      chain('from_device', 'ingress'),
      drop('from_device', 'saddr'),
      chain('to_device', 'egress'),
      drop('to_device', 'daddr'),
    ].join('; ');
  }

  private async nft(script: string): Promise<void> {
    await this.options.tools.run(
      ['nft', script],
      [
        {
          when: /not supported|no such file/i,
          step:
            'The kernel cannot filter at an interface (nftables, family netdev; egress from Linux 5.16 on): try "sudo ' +
            'modprobe nf_tables", or a newer kernel.',
        },
      ],
    );
  }
}

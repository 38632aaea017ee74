/**
 * Loss, latency and jitter by `tc netem`, each way. netem works on what leaves an interface, so the device's packets
 * take a detour, each way through an `ifb` device of their own that has netem on it, and then go on as before.
 * The interface's own queues stay as they are; all that it gets are filters for the device's packets.
 */
import { createHash } from 'node:crypto';
import type { Impairment } from '../../../rig/ports.js';
import type { Advice } from '../command.js';
import type { UndoEntry, UndoLog } from '../safety/undo-log.js';
import type { PacketTools } from './packet-privilege.js';
import type { PacketTarget } from './silence.js';

export interface LinkImpairmentOptions extends PacketTarget {
  readonly tools: PacketTools;
  readonly undo: UndoLog;
}

/** How to see that a change is undone, or was never made. */
interface Check {
  readonly command: readonly string[];
  readonly lacks: string;
}

interface Change {
  readonly undoing: readonly string[];
  readonly check: Check;
  readonly entry: UndoEntry;
}

interface Detour {
  /** On which side of the interface it begins. */
  readonly side: 'ingress' | 'egress';
  /** Which address of a frame is the device's. */
  readonly address: 'src' | 'dst';
  readonly device: string;
}

/**
 * What takes the detour, each by a filter of its own preference, which tells the rig's filters from others'. EAPOL, the
 * frames of WPA's key exchange, does not.
 */
const protocols = [
  { protocol: 'ip', preference: 7301 },
  { protocol: 'arp', preference: 7302 },
  { protocol: 'ipv6', preference: 7303 },
] as const;

export class LinkImpairment {
  private readonly options: LinkImpairmentOptions;
  private readonly detours: readonly Detour[];
  /** What stands, in the order in which it was set up. */
  private readonly changes: Change[] = [];
  private isSetUp = false;

  constructor(options: LinkImpairmentOptions) {
    this.options = options;
    // Names of interfaces have at most 15 characters (IFNAMSIZ).
    const digest = createHash('sha256').update(`${options.undo.bench}/${options.interface}`).digest('hex');
    const device = (direction: string) => `rig${digest.slice(0, 8)}${direction}`;
    this.detours = [
      { side: 'ingress', address: 'src', device: device('i') },
      { side: 'egress', address: 'dst', device: device('o') },
    ];
  }

  /** Resolves when packets are impaired, both ways, in place of an earlier impairment. */
  async begin(impairment: Impairment): Promise<void> {
    try {
      if (!this.isSetUp) await this.addDevices();
      for (const { device } of this.detours) {
        await this.run([
          'tc',
          'qdisc',
          'replace',
          'dev',
          device,
          'root',
          'netem',
          ...netemOptions(impairment),
        ]);
      }
      if (!this.isSetUp) await this.addFilters();
      this.isSetUp = true;
    } catch (error) {
      // What stands half would impair half. That it cannot be taken down either adds nothing to the reason.
      await this.end().catch(() => undefined);
      throw error;
    }
  }

  /** Takes down what was set up; what is on a detour is lost. */
  async end(): Promise<void> {
    for (let change = this.changes.at(-1); change !== undefined; change = this.changes.at(-1)) {
      const { undoing, check, entry } = change;
      if ((await this.run(check.command)).includes(check.lacks)) await this.run(undoing);
      await entry.done();
      this.changes.pop();
    }
    this.isSetUp = false;
  }

  private async addDevices(): Promise<void> {
    for (const { device } of this.detours) {
      await this.willUndo(`detour ${device}`, ['ip', 'link', 'delete', 'dev', device], {
        command: ['ip', '-oneline', 'link', 'show', 'type', 'ifb'],
        lacks: device,
      });
      await this.run(['ip', 'link', 'add', 'name', device, 'up', 'type', 'ifb']);
    }
  }

  private async addFilters(): Promise<void> {
    const { interface: device } = this.options;
    const showQdiscs = ['tc', 'qdisc', 'show', 'dev', device];
    const qdiscs = await this.run(showQdiscs);
    // Somebody else's clsact can be shared; only the rig's own is deleted, and with it the rig's filters.
    const isShared = qdiscs.includes('qdisc clsact');
    if (!isShared) {
      await this.willUndo(`filters on ${device}`, ['tc', 'qdisc', 'delete', 'dev', device, 'clsact'], {
        command: showQdiscs,
        lacks: 'qdisc clsact',
      });
      await this.run(['tc', 'qdisc', 'add', 'dev', device, 'clsact']);
    }
    for (const detour of this.detours) {
      for (const each of protocols) await this.addFilter(detour, each, isShared);
    }
  }

  private async addFilter(
    { side, address, device: target }: Detour,
    { protocol, preference }: (typeof protocols)[number],
    isShared: boolean,
  ): Promise<void> {
    const { interface: device, station } = this.options;
    const place = ['dev', device, side, 'pref', `${preference}`];
    if (isShared) {
      await this.willUndo(`filter ${preference} ${side} of ${device}`, ['tc', 'filter', 'delete', ...place], {
        command: ['tc', 'filter', 'show', 'dev', device, side],
        lacks: `pref ${preference} `,
      });
    }
    // u32 is the one classifier that kernels of Raspberry Pi OS have had all along (raspberrypi/linux#6938).
    const match = station === undefined ? ['u32', '0', '0'] : ['ether', address, station];
    const action = ['action', 'mirred', 'egress', 'redirect', 'dev', target];
    await this.run([
      'tc',
      'filter',
      'add',
      ...place,
      'protocol',
      protocol,
      'u32',
      'match',
      ...match,
      ...action,
    ]);
  }

  private async willUndo(name: string, undoing: readonly string[], check: Check): Promise<void> {
    const { tools, undo } = this.options;
    const entry = await undo.add({
      name,
      command: tools.argv(...undoing),
      check: { command: tools.argv(...check.command), lacks: check.lacks },
    });
    this.changes.push({ undoing, check, entry });
  }

  private run(words: readonly string[]): Promise<string> {
    return this.options.tools.run(words, impairmentAdvice);
  }
}

const impairmentAdvice: readonly Advice[] = [
  {
    when: /is unknown|not supported|not found|failed to load/i,
    step:
      'A part of the kernel is missing. Load it: sudo modprobe -a sch_netem sch_ingress cls_u32 act_mirred ifb. ' +
      'Where there is no such module, the kernel was built without.',
  },
  {
    when: /file exists|exclusivity/i,
    step: 'Something of that name is there already. If it is the rig\'s, "tc" and "ip link" can delete it.',
  },
];

/** netem draws each delay from the latency plus or minus the jitter, evenly, and never below zero (tc-netem(8)). */
function netemOptions({ loss, latencyUs, jitterUs }: Impairment): string[] {
  return ['delay', `${latencyUs}us`, `${jitterUs}us`, 'loss', `${+(loss * 100).toFixed(4)}%`];
}

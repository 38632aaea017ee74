/** An access point that the bench file's own commands switch: a router with an API, a plug, a script. */
import type { AccessPointSection } from '../../../rig/bench-file/bench-file.js';
import { RigError } from '../../../rig/errors.js';
import type { AccessPoint } from '../../../rig/ports.js';
import type { CommandRunner } from '../command.js';
import type { Device } from '../device.js';
import type { UndoEntry, UndoLog } from '../safety/undo-log.js';
import { Turns } from '../turns.js';
import type { AccessPointStatus, AccessPointWatch } from './access-point-status.js';
import { STATION_PATTERN } from './hostapd-status.js';

export type CommandsSection = Extract<AccessPointSection, { driver: 'commands' }>;

export interface CommandsContext {
  readonly passphrase: string;
  readonly undo: UndoLog;
  readonly run: CommandRunner;
}

/** The port has the faults that the bench file has a command for. */
export function createCommandsAccessPoint(
  section: CommandsSection,
  context: CommandsContext,
): AccessPoint & AccessPointWatch & Device {
  const commands = new AccessPointCommands(section, context);
  const { kick, silence, stations } = section;
  return {
    ssid: section.ssid,
    passphrase: context.passphrase,
    off: () => commands.change(section.off),
    on: () => commands.restore(),
    ...(kick !== undefined && { kick: () => commands.order(kick) }),
    ...(silence !== undefined && { silence: () => commands.change(silence) }),
    ...(stations !== undefined && { stations: () => commands.stations(stations) }),
    status: () => commands.status(),
    close: () => commands.close(),
  };
}

class AccessPointCommands {
  private readonly section: CommandsSection;
  private readonly context: CommandsContext;
  private readonly turns = new Turns('access point');
  private entry: UndoEntry | undefined;

  constructor(section: CommandsSection, context: CommandsContext) {
    this.section = section;
    this.context = context;
  }

  /** Something that `on` ends. */
  change(command: readonly string[]): Promise<void> {
    return this.turns.take(async () => {
      this.entry ??= await this.context.undo.add({ name: 'access point on', command: this.section.on });
      await this.run(command);
    });
  }

  order(command: readonly string[]): Promise<void> {
    return this.turns.take(async () => void (await this.run(command)));
  }

  restore(): Promise<void> {
    return this.turns.take(() => this.switchOn());
  }

  stations(command: readonly string[]): Promise<readonly string[]> {
    return this.turns.take(async () => {
      const { stdout } = await this.run(command);
      const lines = stdout.split('\n').map((line) => line.trim());
      const stations = lines.filter((line) => line !== '');
      const wrong = stations.find((line) => !STATION_PATTERN.test(line));
      if (wrong === undefined) return stations.map((line) => line.toLowerCase());
      throw new RigError(
        'BENCH',
        `"${command.join(' ')}" printed ${JSON.stringify(wrong.slice(0, 60))}, which is no MAC address. It must ` +
          'print one address a line and nothing else.',
      );
    });
  }

  status(): Promise<AccessPointStatus> {
    return this.turns.take(async () => ({
      isOnAir: undefined,
      detail: "the bench file's commands switch it, and nothing tells whether it is on the air",
    }));
  }

  close(): Promise<void> {
    return this.turns.close(async () => {
      if (this.entry !== undefined) await this.switchOn();
    });
  }

  private async switchOn(): Promise<void> {
    await this.run(this.section.on);
    await this.entry?.done();
    this.entry = undefined;
  }

  private run(command: readonly string[]) {
    return this.context.run(command);
  }
}

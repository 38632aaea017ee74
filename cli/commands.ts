/**
 * Which commands there are. Each is loaded when it is used: drivers, databases and charts of thirteen commands would
 * take longer to load than most of them take to run.
 */
import { Command } from 'commander';
import type { Composition } from './composition.js';
import type { Surroundings } from './surroundings.js';

/** What a command may need. */
export interface CommandTools {
  readonly surroundings: Surroundings;
  /** Loaded by the commands that need it. */
  readonly composition: () => Promise<Composition>;
  /** Gives the exit status, where that is not simply 0. */
  readonly end: (status: number) => void;
}

export interface CommandEntry {
  readonly name: string;
  /** What follows the name, as `rig --help` shows it. The command itself says the same, as it does of its summary. */
  readonly usage: string;
  readonly summary: string;
  /** Adds the command itself. */
  readonly add: (program: Command, tools: CommandTools) => Promise<void>;
}

/** In the order of `rig --help`. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'run',
    usage: '[options] <scenario...>',
    summary: 'run scenarios on the bench',
    add: async (program, { composition, surroundings, end }) => {
      const { addRunCommand } = await import('./run.js');
      addRunCommand(program, await composition(), surroundings, end);
    },
  },
  {
    name: 'list',
    usage: '[options]',
    summary: 'scenarios and suites, one line each',
    add: async (program, { composition, surroundings }) => {
      const { addListCommand } = await import('./list.js');
      addListCommand(program, await composition(), surroundings);
    },
  },
  {
    name: 'show',
    usage: '<scenario>',
    summary: 'explains one scenario',
    add: async (program, { composition, surroundings }) => {
      const { addShowCommand } = await import('./show.js');
      addShowCommand(program, await composition(), surroundings);
    },
  },
  {
    name: 'report',
    usage: '[options] <run>',
    summary: 'makes the reports of a run again',
    add: async (program, { surroundings }) => {
      const { addReportCommand } = await import('./report.js');
      addReportCommand(program, surroundings);
    },
  },
  {
    name: 'compare',
    usage: '[options] <runs...>',
    summary: 'tells what got better or worse between two runs',
    add: async (program, { surroundings, end }) => {
      const { addCompareCommand } = await import('./compare.js');
      addCompareCommand(program, surroundings, end);
    },
  },
  {
    name: 'history',
    usage: '[options] [scenario]',
    summary: 'shows past runs and trends',
    add: async (program, { surroundings }) => {
      const { addHistoryCommand } = await import('./history.js');
      addHistoryCommand(program, surroundings);
    },
  },
  {
    name: 'power',
    usage: '[options] <action>',
    summary: 'switch the supply of the device by hand',
    add: async (program, { composition, surroundings }) => {
      const { addPowerCommand } = await import('./power.js');
      addPowerCommand(program, { composition: await composition(), surroundings });
    },
  },
  {
    name: 'reset',
    usage: '[options]',
    summary: 'press the reset button of the device by hand',
    add: async (program, { composition, surroundings }) => {
      const { addResetCommand } = await import('./reset.js');
      addResetCommand(program, { composition: await composition(), surroundings });
    },
  },
  {
    name: 'wifi',
    usage: '[options] <action>',
    summary: 'break the network of the device by hand, and make it whole',
    add: async (program, { composition, surroundings }) => {
      const { addWifiCommand } = await import('./wifi.js');
      addWifiCommand(program, { composition: await composition(), surroundings });
    },
  },
  {
    name: 'doctor',
    usage: '[options]',
    summary: 'prove every wire and device of a bench',
    add: async (program, { composition, surroundings, end }) => {
      const { addDoctorCommand } = await import('./doctor.js');
      addDoctorCommand(program, { composition: await composition(), surroundings }, end);
    },
  },
  {
    name: 'console',
    usage: '[options]',
    summary: 'the UART of the device in the terminal',
    add: async (program, { surroundings, end }) => {
      const { addConsoleCommand } = await import('./console.js');
      addConsoleCommand(program, surroundings, end);
    },
  },
  {
    name: 'flash',
    usage: '[options] [file or directory]',
    summary: 'write a firmware image, or upload a directory of MicroPython',
    add: async (program, { composition, surroundings }) => {
      const { addFlashCommand } = await import('./flash.js');
      addFlashCommand(program, { composition: await composition(), surroundings });
    },
  },
  {
    name: 'board',
    usage: '[options]',
    summary: 'the virtual ESP8266 alone, its REPL here or on a TCP port',
    add: async (program, { composition, surroundings }) => {
      const { addBoardCommand } = await import('./board.js');
      addBoardCommand(program, { composition: await composition(), surroundings });
    },
  },
];

/** Stands in the list of commands for one that is not loaded. */
export const placeholder = ({ name, usage, summary }: CommandEntry): Command =>
  new Command(name).usage(usage).summary(summary);

/** The real drivers of a physical bench. Hardware packages are loaded by them, when a port is opened. */
import { openAccessPoint } from './access-point/open-access-point.js';
import { openInputLine, openOpenDrainLine, openOutputLine } from './gpio/open-lines.js';
import { openBscTarget } from './i2c/bsc-target.js';
import { openI2cController } from './i2c/dev-controller.js';
import { readPiModel } from './pi-model.js';
import type { Drivers, PortContext } from './port-openers.js';
import { openPower } from './power/open-power.js';
import { openRailSense } from './power/rail-sense.js';
import { openReset } from './reset.js';
import { openConsole } from './serial/console.js';
import { TcpNetwork } from './tcp-network.js';

export const piDrivers: Drivers = {
  openOutputLine: (config, name) => openOutputLine(config, name),
  openInputLine: (config, name, clock) => openInputLine(config, name, clock),
  openOpenDrainLine: (config, name) => openOpenDrainLine(config, name),
  openBscTarget: (config, clock) => openBscTarget(config, clock, readPiModel()),
  openI2cController: (config) => openI2cController(config),
  openReset: (section, clock) => openReset(section, clock),
  openConsole: (section, clock) => openConsole(section, clock),
  openPower: (section, context) => openPower(section, powerContext(context)),
  openAccessPoint: (section, { clock, run, undo, passphrase = '' }) =>
    openAccessPoint(section, { clock, run, undo: undo.accessPoint, passphrase }),
  // Nothing is bound before the link's server listens, and its connections are the server's.
  openNetwork: async ({ host }) =>
    Object.assign(new TcpNetwork({ address: host }), { close: () => Promise.resolve() }),
};

const powerContext = ({ clock, run, undo }: PortContext) => ({
  clock,
  run,
  undo: undo.power,
  openOutputLine: piDrivers.openOutputLine,
  openRailSense: (section: Parameters<typeof openRailSense>[0]) =>
    openRailSense(section, clock, {
      openInputLine: (config, name) => piDrivers.openInputLine(config, name, clock),
    }),
});

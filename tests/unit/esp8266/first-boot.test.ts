/** The first boot of an erased flash: the port's build makes a file system with boot.py, one for the link with main.py too. */
import test from 'ava';
import { createVirtualBench, type VirtualBenchOptions } from '../../../drivers/virtual/bench.js';
import { PORT_FACTORY_FILES } from '../../../drivers/virtual/esp8266/rom/board-flash.js';
import { createRandom } from '../../../rig/random.js';
import { seconds } from '../../../rig/time/units.js';
import { flashOf, linkFirmware } from '../../scenarios/rehearsal.js';

/** Boots twice, with power off in between, and asks at the prompt what there is. */
async function bootTwice(
  firmware: Pick<VirtualBenchOptions['firmware'], 'files' | 'build'>,
): Promise<string> {
  const bench = createVirtualBench({
    random: createRandom(2),
    firmware: { name: 'test', sha256: '', ...firmware },
  });
  const { power, console } = bench.ports;
  let printed = '';
  console?.onChunk(({ bytes }) => {
    printed += Buffer.from(bytes).toString('latin1');
  });
  try {
    await bench.run(async () => {
      for (let boot = 0; boot < 2; boot += 1) {
        await power?.on();
        await bench.clock.sleep('boot', seconds(2));
        await console?.write(new TextEncoder().encode('\x03'));
        await bench.clock.sleep('prompt', seconds(1));
        await console?.write(new TextEncoder().encode('import os; sorted(os.listdir())\r'));
        await bench.clock.sleep('answer', seconds(1));
        await power?.off();
        await bench.clock.sleep('off', seconds(1));
      }
    });
  } finally {
    await bench.close();
  }
  return printed;
}

test.serial("the port's own build makes a file system that holds boot.py, and keeps it", async (t) => {
  const printed = await bootTwice({ files: undefined });
  t.is(printed.match(/\r\n\['boot\.py'\]\r\n/g)?.length, 2, printed);
});

test.serial(
  'a build for the link writes main.py beside boot.py, which runs what is frozen, at once',
  async (t) => {
    const factory = new Map([
      ...PORT_FACTORY_FILES,
      ...flashOf({ 'main.py': 'import link.app\nprint(link.app.__file__)\n' }),
    ]);
    const frozen = new Map([...linkFirmware].filter(([path]) => path.startsWith('link/')));
    const printed = await bootTwice({ files: undefined, build: { frozen, factory } });
    t.is(printed.match(/\r\n\['boot\.py', 'main\.py'\]\r\n/g)?.length, 2, printed);
    t.is(printed.match(/link\/app\.py\r\n/g)?.length, 2);
    t.notRegex(printed, /ImportError/);
  },
);

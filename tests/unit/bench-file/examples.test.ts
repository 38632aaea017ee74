/** The bench files in `benches/` are complete, load, and name no pin that the Pi needs for something else. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { linesOf } from '../../../rig/bench-file/lines.js';
import { loadBenchFile } from '../../../rig/bench-file/load.js';
import { pathOf } from '../docs/markdown.js';

const names = readdirSync(pathOf('benches'));
const read = (name: string): string => readFileSync(pathOf(`benches/${name}`), 'utf8');

test('there is one for each arrangement', (t) => {
  t.deepEqual(names.sort(), [
    'pi-controller.yaml',
    'pi-esp8266.yaml',
    'virtual-controller.yaml',
    'virtual.yaml',
  ]);
});

/** SDA and SCL of the BSC peripheral, on Pi 0 to 3 and on Pi 4; and of /dev/i2c-1 (BCM2835 and BCM2711 ARM Peripherals). */
const BUS_PINS = [18, 19, 10, 11, 2, 3].map((gpio) => `GPIO${gpio}`);

for (const name of names) {
  test(`${name} loads, and tells editors its schema`, (t) => {
    const text = read(name);
    t.true(text.startsWith('# yaml-language-server: $schema=../schemas/bench.schema.json\n'));
    const { file } = loadBenchFile(text, name);
    t.is(file.name, name.replace('.yaml', ''));
    if (file.kind === 'virtual') return;
    for (const { path, config } of linesOf(file)) {
      const isBusLine = path.includes('straps');
      t.is(BUS_PINS.includes(String(config.line)), isBusLine, `${path.join('.')} on ${config.line}`);
    }
  });
}

test('adapted to a Pi 4 as its comments say, pi-esp8266.yaml loads too', (t) => {
  const text = read('pi-esp8266.yaml').replace(/line: GPIO1[89] \}( # Pi 4: (GPIO1[01]))/g, 'line: $2 }$1');
  const { file } = loadBenchFile(text, 'bench.yaml');
  t.like(file, { reset: { straps: { sda: { line: 'GPIO10' }, scl: { line: 'GPIO11' } } } });
});

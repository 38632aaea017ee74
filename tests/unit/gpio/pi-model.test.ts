/** Raspberry Pi models by their device tree. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parsePiModel, readPiModel } from '../../../drivers/pi/pi-model.js';

/** As arch/arm/boot/dts/broadcom and arch/arm64/boot/dts/broadcom of the kernel have them. */
const models: readonly [string, string, string][] = [
  ['Raspberry Pi Zero W Rev 1.1', 'raspberrypi,model-zero-w\0brcm,bcm2835\0', 'bcm2835'],
  ['Raspberry Pi 2 Model B Rev 1.1', 'raspberrypi,2-model-b\0brcm,bcm2836\0', 'bcm2836'],
  ['Raspberry Pi 3 Model B Plus Rev 1.3', 'raspberrypi,3-model-b-plus\0brcm,bcm2837\0', 'bcm2837'],
  ['Raspberry Pi Zero 2 W Rev 1.0', 'raspberrypi,model-zero-2-w\0brcm,bcm2837\0', 'bcm2837'],
  ['Raspberry Pi 4 Model B Rev 1.4', 'raspberrypi,4-model-b\0brcm,bcm2711\0', 'bcm2711'],
  ['Raspberry Pi 5 Model B Rev 1.0', 'raspberrypi,5-model-b\0brcm,bcm2712\0', 'bcm2712'],
];

for (const [name, compatible, soc] of models) {
  test(`${name} is a ${soc}`, (t) =>
    t.deepEqual<unknown, unknown>(parsePiModel(`${name}\0`, compatible), { name, soc }));
}

test('another board, or a host without a device tree, is no Raspberry Pi', (t) => {
  t.is(parsePiModel('Libre Computer ROC\0', 'libretech,roc-rk3328-cc\0rockchip,rk3328\0'), undefined);
  t.is(parsePiModel('Some router\0', 'vendor,router\0brcm,bcm2711\0'), undefined);
  t.is(readPiModel('/nowhere'), undefined);
});

test('the model is read from the files of the device tree', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'rig-model-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'proc/device-tree');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model'), 'Raspberry Pi 5 Model B Rev 1.0\0');
  writeFileSync(join(folder, 'compatible'), 'raspberrypi,5-model-b\0brcm,bcm2712\0');
  t.deepEqual(readPiModel(root), { name: 'Raspberry Pi 5 Model B Rev 1.0', soc: 'bcm2712' });
});

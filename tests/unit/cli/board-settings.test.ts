/** What the upload tells a board of its bench. */
import test from 'ava';
import { withBoardSettings } from '../../../cli/board-settings.js';
import { loadBenchFile } from '../../../rig/bench-file/load.js';
import { sample, spoiled } from '../bench-file/sample.js';

function linkOf(text: string) {
  const { file } = loadBenchFile(text, 'bench.yaml');
  if (file.kind !== 'physical') throw new Error('It is a virtual bench.');
  return file.link;
}

const files = new Map([['main.py', Uint8Array.of(1)]]);

function settingsOf(text: string): unknown {
  const bytes = withBoardSettings(files, linkOf(text)).get('board.json');
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}

test('a board that clocks the bus is told how fast the host can follow', (t) => {
  t.deepEqual(settingsOf(sample), { i2c_hz: 20_000 });
  t.deepEqual(settingsOf(spoiled('address: 0x12', 'hz: 50000')), { i2c_hz: 50_000 });
});

test('a board that does not clock the bus is told nothing', (t) => {
  const controller = spoiled('role: target', 'role: controller').replace(
    'driver: bsc',
    'driver: i2c-dev, bus: 2',
  );
  t.is(settingsOf(controller), undefined);
});

test('a board.json of the directory is left as it is', (t) => {
  const own = new Map([...files, ['board.json', Uint8Array.of(2)]]);
  t.is(withBoardSettings(own, linkOf(sample)), own);
});

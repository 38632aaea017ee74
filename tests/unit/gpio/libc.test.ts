/** The system calls through koffi, on descriptors that every Linux has, and what a process with a poller does at its end. */
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Kernel } from '../../../drivers/pi/gpio/kernel.js';
import { loadKernel } from '../../../drivers/pi/gpio/libc.js';
import { LinePoller } from '../../../drivers/pi/gpio/poller.js';
import { gpioRequests } from '../../../drivers/pi/gpio/uapi.js';

const kernel: Kernel | string =
  process.platform === 'linux' ? await loadKernel().catch(String) : `${process.platform} has no GPIO`;
const withKernel =
  typeof kernel === 'string'
    ? { test: test.serial.skip, title: (name: string) => `${name} (${kernel})` }
    : { test: test.serial, title: String };

const libcTest = (
  name: string,
  body: (t: ExecutionContext, kernel: Kernel) => Promise<void> | void,
): void => {
  withKernel.test(withKernel.title(name), async (t) => {
    if (typeof kernel !== 'string') await body(t, kernel);
  });
};

/** A named pipe, open for both directions: what is written to it can be read from it. */
function pipe(t: ExecutionContext): { path: string; fd: number } {
  const folder = mkdtempSync(join(tmpdir(), 'rig-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR);
  t.teardown(() => {
    try {
      closeSync(fd);
    } catch {
      // The test has closed it.
    }
    rmSync(folder, { recursive: true });
  });
  return { path, fd };
}

libcTest('reading takes what is there, and 0 bytes when there is nothing', (t, kernel) => {
  const { fd } = pipe(t);
  kernel.setNonBlocking(fd);
  const buffer = new Uint8Array(8);
  t.is(kernel.read(fd, buffer), 0);
  writeSync(fd, Uint8Array.of(1, 2, 3));
  t.is(kernel.read(fd, buffer), 3);
  t.deepEqual([...buffer], [1, 2, 3, 0, 0, 0, 0, 0]);
  t.is(kernel.read(fd, buffer), 0);
});

libcTest("a call that fails throws with the system's code", (t, kernel) => {
  const { fd } = pipe(t);
  const request = new Uint8Array(592);
  t.like(
    t.throws(() => kernel.ioctl(fd, gpioRequests.getLine, request)),
    { code: 'ENOTTY' },
  );
  t.like(
    t.throws(() => kernel.ioctl(-1, gpioRequests.getLine, request)),
    { code: 'EBADF' },
  );
  t.like(
    t.throws(() => kernel.read(-1, request)),
    { code: 'EBADF' },
  );
  t.like(
    t.throws(() => kernel.open('/dev/gpiochip-no-such')),
    { code: 'ENOENT' },
  );
});

libcTest('an ioctl carries its argument both ways', (t, kernel) => {
  const { fd } = pipe(t);
  writeSync(fd, Uint8Array.of(1, 2, 3));
  const count = new Uint8Array(4);
  // FIONREAD (include/uapi/asm-generic/ioctls.h): how many bytes wait to be read.
  kernel.ioctl(fd, 0x541b, count);
  t.deepEqual([...count], [3, 0, 0, 0]);
});

libcTest(
  'a poll ends with what is ready, with its time, or when woken, and holds nothing else up',
  async (t, kernel) => {
    const { fd } = pipe(t);
    const other = pipe(t);
    t.deepEqual(await kernel.poll([fd], 5), []);
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 1);
    const polling = kernel.poll([fd, other.fd], 10_000);
    while (ticks < 10) await new Promise((resolve) => setTimeout(resolve, 1));
    clearInterval(ticking);
    writeSync(other.fd, Uint8Array.of(1));
    t.deepEqual(await polling, [{ fd: other.fd, failed: false }]);
    kernel.wake();
    t.deepEqual(await kernel.poll([fd], 10_000), []);
    t.deepEqual(await kernel.poll([fd], 5), [], 'it is woken once');
  },
);

libcTest('a descriptor that is of no use any more is told as failed', async (t, kernel) => {
  const { path, fd } = pipe(t);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  closeSync(fd);
  t.deepEqual(await kernel.poll([reader], 1_000), [{ fd: reader, failed: true }]);
  closeSync(reader);
  t.deepEqual(await kernel.poll([reader], 1_000), [{ fd: reader, failed: true }]);
});

libcTest('20,000 polls leave no memory behind', async (t, kernel) => {
  const { fd } = pipe(t);
  writeSync(fd, Uint8Array.of(1));
  const rounds = async (count: number): Promise<number> => {
    for (let round = 0; round < count; round += 1) await kernel.poll([fd], 1_000);
    return process.memoryUsage().rss;
  };
  const before = await rounds(5_000);
  const grownBytes = (await rounds(20_000)) - before;
  // A leak of its call's memory (128 KiB stack, 128 KiB heap) would be thousands of megabytes.
  t.true(grownBytes < 200e6, `${grownBytes} bytes`);
});

libcTest('a poller tells who watches, and lets go of a descriptor at once', async (t, kernel) => {
  const poller = new LinePoller(kernel);
  const tookMs: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const [first, second] = [pipe(t), pipe(t)];
    const told = new Promise<boolean>((resolve) => {
      poller.watch(first.fd, resolve);
    });
    poller.watch(second.fd, () => undefined);
    writeSync(first.fd, Uint8Array.of(1));
    t.false(await told);
    const startMs = performance.now();
    await Promise.all([poller.forget(first.fd), poller.forget(second.fd)]);
    tookMs.push(performance.now() - startMs);
  }
  // The quickest counts: a busy machine may hold up any of them.
  t.true(Math.min(...tookMs) < 100, `it does not wait for its own limit of 250 ms: ${tookMs}`);
});

const standIn = fileURLToPath(new URL('./stand-in-watcher.js', import.meta.url));

for (const end of ['process.exit', 'exception', 'closing'] as const) {
  libcTest(`a process that polls ends at once: ${end}`, async (t) => {
    const { path } = pipe(t);
    const { stdout } = await promisify(execFile)(process.execPath, [standIn, path, end], {
      timeout: 20_000,
    }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
    // The stand-in writes the time at which it begins to end.
    const tookMs = Date.now() - Number(stdout);
    t.true(tookMs >= 0 && tookMs < 10_000, `${tookMs} ms`);
  });
}

test('importing the drivers loads no hardware package', async (t) => {
  const drivers = ['gpio/open-lines.js', 'reset.js', 'pi-model.js'].map(
    (file) => new URL(`../../../drivers/pi/${file}`, import.meta.url).href,
  );
  const script = `
    for (const driver of ${JSON.stringify(drivers)}) await import(driver);
    const native = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'));
    console.log(JSON.stringify(native));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  t.is(stdout.trim(), '[]');
});

/**
 * The contract of `I2cController`. A bench gives a controller and plays the target at the other end; a device bench can
 * also bring about what goes wrong with a device file.
 */
import test, { type ExecutionContext } from 'ava';
import { type ErrorCode, isRigError } from '../../rig/errors.js';
import type { I2cController } from '../../rig/ports.js';

export interface I2cControllerBench {
  readonly controller: I2cController;
  /** Where the target answers, and where nothing does. */
  readonly address: number;
  readonly emptyAddress: number;
  /** Every read of the target gets these, from the first one on. */
  targetHolds(bytes: readonly number[]): Promise<void>;
  /** What was written to the target so far: one array for each write. */
  targetGot(): Promise<readonly (readonly number[])[]>;
}

/** What can go wrong with the device file of a bus. */
export type I2cTrouble =
  /** There is no such bus. */
  | 'absent'
  /** This user may not open it. */
  | 'denied'
  /** A kernel driver has the target's address. */
  | 'busy'
  /** The bus goes away. */
  | 'unplugged'
  /** The next transfer does not end before the trouble does. */
  | 'slow';

export interface I2cDeviceBench {
  /** Where a target answers, unless there is trouble. */
  readonly address: number;
  open(): Promise<I2cController & { close(): Promise<void> }>;
  begin(trouble: I2cTrouble): Promise<void>;
  end(trouble: I2cTrouble): Promise<void>;
}

type With<B> = (body: (bench: B) => Promise<void>) => Promise<void>;

/** From one byte to the longest payload of the link, with the sizes of common FIFOs between. */
const LENGTHS = [1, 2, 16, 17, 32, 33, 200];
const pattern = (lengthBytes: number, seed = 7) =>
  Array.from({ length: lengthBytes }, (_, index) => (index * 31 + seed) & 0xff);

export function testI2cController(name: string, withBench: With<I2cControllerBench>): void {
  test(`${name}: it reads what the target holds, from 1 to 200 bytes`, (t) =>
    withBench(async ({ controller, address, targetHolds }) => {
      await targetHolds(pattern(200));
      for (const length of LENGTHS) {
        const bytes = await controller.read(address, length);
        t.true(bytes instanceof Uint8Array);
        t.deepEqual([...bytes], pattern(length));
      }
    }));

  test(`${name}: the target gets what it writes, from 1 to 200 bytes`, (t) =>
    withBench(async ({ controller, address, targetGot }) => {
      for (const length of LENGTHS) await controller.write(address, Uint8Array.from(pattern(length, length)));
      const got = await targetGot();
      t.deepEqual(
        got,
        LENGTHS.map((length) => pattern(length, length)),
      );
    }));

  test(`${name}: transfers that are asked for at once are made one after the other, in order`, (t) =>
    withBench(async ({ controller, address, targetHolds, targetGot }) => {
      await targetHolds(pattern(3));
      const order: number[] = [];
      const transfers = Array.from({ length: 20 }, async (_, index) => {
        if (index % 3 === 2) t.deepEqual([...(await controller.read(address, 3))], pattern(3));
        else await controller.write(address, Uint8Array.of(index));
        order.push(index);
      });
      await Promise.all(transfers);
      t.deepEqual(order, [...order.keys()]);
      const written = order.filter((index) => index % 3 !== 2).map((index) => [index]);
      t.deepEqual(await targetGot(), written);
    }));

  test(`${name}: what is written does not change with the caller's buffer`, (t) =>
    withBench(async ({ controller, address, targetGot }) => {
      const bytes = Uint8Array.of(1, 2, 3);
      const written = [controller.write(address, bytes), controller.write(address, bytes)];
      bytes.fill(9);
      await Promise.all(written);
      t.deepEqual(await targetGot(), [
        [1, 2, 3],
        [1, 2, 3],
      ]);
    }));

  test(`${name}: a target that does not acknowledge is PROTOCOL, and the next transfer is made`, (t) =>
    withBench(async ({ controller, address, emptyAddress, targetHolds, targetGot }) => {
      await targetHolds([5]);
      const refused = [
        t.throwsAsync(controller.read(emptyAddress, 2)),
        t.throwsAsync(controller.write(emptyAddress, Uint8Array.of(1))),
      ];
      const read = controller.read(address, 1);
      for (const error of await Promise.all(refused)) t.true(isRigError(error, 'PROTOCOL'));
      t.deepEqual([...(await read)], [5]);
      t.deepEqual(await targetGot(), []);
      await controller.write(address, Uint8Array.of(8));
      t.deepEqual(await targetGot(), [[8]]);
    }));

  test(`${name}: no bytes are no transfer: USAGE, and the bus stays still`, (t) =>
    withBench(async ({ controller, address, targetGot }) => {
      t.true(isRigError(await t.throwsAsync(controller.read(address, 0)), 'USAGE'));
      t.true(isRigError(await t.throwsAsync(controller.write(address, new Uint8Array(0))), 'USAGE'));
      t.deepEqual(await targetGot(), []);
    }));
}

/** `cannot` names what a bench is unable to bring about, and why; those tests are skipped, and say so. */
export function testI2cControllerDevice(
  name: string,
  withBench: With<I2cDeviceBench>,
  cannot: Partial<Record<I2cTrouble, string>> = {},
): void {
  const inCaseOf = (trouble: I2cTrouble, title: string, body: (t: ExecutionContext) => Promise<void>) => {
    const reason = cannot[trouble];
    if (reason === undefined) test(`${name}: ${title}`, body);
    else test.skip(`${name}: ${title} (cannot here: ${reason})`, body);
  };
  const expectError = (t: ExecutionContext, error: unknown, code: ErrorCode, says: RegExp) => {
    t.true(isRigError(error, code), String(error));
    t.regex(String(error), says);
  };

  inCaseOf('absent', 'a bus that is not there is BENCH at open, with the way to enable it', (t) =>
    withBench(async ({ open, begin, end }) => {
      await begin('absent');
      expectError(t, await t.throwsAsync(open()), 'BENCH', /\/dev\/i2c-\d+.*i2c_arm=on/s);
      await end('absent');
      await (await open()).close();
    }),
  );

  inCaseOf('denied', 'a bus that this user may not open is BENCH at open, with the group to join', (t) =>
    withBench(async ({ open, begin, end }) => {
      await begin('denied');
      expectError(t, await t.throwsAsync(open()), 'BENCH', /\/dev\/i2c-\d+.*usermod -aG i2c/s);
      await end('denied');
      await (await open()).close();
    }),
  );

  inCaseOf('busy', "a kernel driver's address is BENCH, with where to look, until the driver is gone", (t) =>
    withBench(async ({ open, begin, end, address }) => {
      await begin('busy');
      const controller = await open();
      expectError(t, await t.throwsAsync(controller.read(address, 1)), 'BENCH', /kernel driver.*\/driver/s);
      await end('busy');
      t.is((await controller.read(address, 1)).length, 1);
      await controller.close();
    }),
  );

  inCaseOf('unplugged', 'a bus that goes away in use is BENCH until it is back', (t) =>
    withBench(async ({ open, begin, end, address }) => {
      const controller = await open();
      t.is((await controller.read(address, 1)).length, 1);
      await begin('unplugged');
      for (let round = 0; round < 2; round += 1) {
        expectError(t, await t.throwsAsync(controller.read(address, 1)), 'BENCH', /\/dev\/i2c-\d+/);
      }
      await end('unplugged');
      t.is((await controller.read(address, 1)).length, 1);
      await controller.close();
    }),
  );

  inCaseOf('slow', 'closing rejects what waits at once, with CLOSED', (t) =>
    withBench(async ({ open, begin, end, address }) => {
      const controller = await open();
      await begin('slow');
      const waiting = [
        controller.read(address, 1),
        controller.write(address, Uint8Array.of(1)),
        controller.read(address, 2),
      ].map((transfer) => t.throwsAsync(transfer));
      const closing = controller.close();
      for (const error of await Promise.all(waiting)) t.true(isRigError(error, 'CLOSED'));
      await end('slow');
      await closing;
    }),
  );

  test(`${name}: a closed controller rejects with CLOSED, and is closed twice without harm`, (t) =>
    withBench(async ({ open, address }) => {
      const controller = await open();
      await controller.close();
      await controller.close();
      t.true(isRigError(await t.throwsAsync(controller.read(address, 1)), 'CLOSED'));
      t.true(isRigError(await t.throwsAsync(controller.write(address, Uint8Array.of(1))), 'CLOSED'));
      const again = await open();
      t.is((await again.read(address, 1)).length, 1);
      await again.close();
    }));
}

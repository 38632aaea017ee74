/** An upload from the interrupt of the old program to the start of the new one. One interpreter at a time may be in use. */
import test, { type ExecutionContext } from 'ava';
import { isRigError, RigError } from '../../../rig/errors.js';
import { runUpload, type UploadSessionOptions } from '../../../rig/repl/upload-session.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { MicroPythonPeer, type PeerBehaviour } from '../../fixtures/repl/micropython-peer.js';

const files = new Map([['main.py', new TextEncoder().encode('print(1)\n')]]);

type Upload = (options?: Partial<UploadSessionOptions>) => ReturnType<typeof runUpload>;

const sessionTest = (
  name: string,
  behaviour: PeerBehaviour,
  body: (t: ExecutionContext, peer: MicroPythonPeer, upload: Upload, steps: string[]) => Promise<void>,
): void =>
  test.serial(name, async (t) => {
    const clock = new VirtualClock();
    const peer = await MicroPythonPeer.start(clock, behaviour);
    const steps: string[] = [];
    const upload: Upload = (options = {}) =>
      runUpload({
        console: peer.console,
        clock,
        signal: new AbortController().signal,
        files,
        mirror: false,
        restart: async () => peer.reboot(2),
        isEsp8266: true,
        onStep: (text) => steps.push(text),
        onProgress: () => undefined,
        ...options,
      });
    await clock.run(() => body(t, peer, upload, steps));
    t.deepEqual(clock.pending(), []);
  });

sessionTest('files are put there and the board is started anew', {}, async (t, peer, upload, steps) => {
  t.deepEqual((await upload()).written, ['main.py']);
  t.is(peer.mode, 'running');
  t.deepEqual(steps, ['Interrupting the program on the board.', 'Uploading.', 'Starting the board anew.']);
});

sessionTest('a board without a reset wire resets itself', {}, async (t, peer, upload) => {
  await upload({ restart: undefined });
  t.is(peer.mode, 'running');
  t.regex(peer.programs.at(-1) ?? '', /machine\.reset\(\)/);
});

sessionTest('a board that comes back in its loader is told', {}, async (t, peer, upload) => {
  const error = await t.throwsAsync(upload({ restart: async () => peer.reboot(2, 1) }));
  t.true(isRigError(error, 'PROTOCOL'));
  t.regex(error?.message ?? '', /All files are on the board, but .*boot mode 1/);
});

sessionTest('a board that does not come back is told', {}, async (t, _peer, upload) => {
  const error = await t.throwsAsync(upload({ restart: async () => undefined }));
  t.true(isRigError(error, 'TIMEOUT'));
  t.regex(error?.message ?? '', /All files are on the board, but the ROM printed nothing/);
});

sessionTest('a board whose ROM is not known is only restarted', {}, async (t, peer, upload) => {
  let restarts = 0;
  await upload({
    isEsp8266: false,
    restart: async () => {
      restarts += 1;
    },
  });
  t.is(restarts, 1);
  t.is(peer.files().size, 1);
});

sessionTest('a reset that is refused is told', {}, async (t, _peer, upload) => {
  const refused = new RigError('BENCH', 'Reset is not released: SCL reads low.');
  const error = await t.throwsAsync(upload({ restart: () => Promise.reject(refused) }));
  t.is(error, refused);
});

sessionTest(
  'after a failure the board runs its program again',
  { garble: (program) => program.replace(/^_w\(.*/, 'raise OSError(28)') },
  async (t, peer, upload) => {
    const error = await t.throwsAsync(upload({ restart: undefined }));
    t.regex(error?.message ?? '', /file system is full/);
    t.is(peer.mode, 'running');
  },
);

sessionTest('whoever gives up half-way leaves the board running', {}, async (t, peer, upload) => {
  const giveUp = new AbortController();
  const error = await t.throwsAsync(
    upload({ signal: giveUp.signal, restart: undefined, onProgress: () => giveUp.abort() }),
  );
  t.true(isRigError(error, 'CANCELLED'));
  t.is(peer.mode, 'running');
});

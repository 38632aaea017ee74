/** Files put onto a board over its raw REPL. The board's end runs a real MicroPython; one at a time may be in use. */
import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { isRigError } from '../../../rig/errors.js';
import { RawRepl } from '../../../rig/repl/raw-repl.js';
import { type UploadProgress, type UploadResult, uploadFiles } from '../../../rig/repl/upload.js';
import { ms, seconds } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';
import { MicroPythonPeer, type PeerBehaviour } from '../../fixtures/repl/micropython-peer.js';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const never = new AbortController().signal;

interface Session {
  readonly clock: VirtualClock;
  readonly peer: MicroPythonPeer;
  readonly repl: RawRepl;
  upload(files: Record<string, Uint8Array | string>, mirror?: boolean): Promise<UploadResult>;
}

const boardTest = (
  name: string,
  behaviour: PeerBehaviour,
  body: (t: ExecutionContext, session: Session) => Promise<void>,
): void =>
  test.serial(name, async (t) => {
    const clock = new VirtualClock();
    const peer = await MicroPythonPeer.start(clock, behaviour);
    await clock.run(async () => {
      const repl = await RawRepl.enter({ console: peer.console, clock, signal: never });
      const upload: Session['upload'] = (files, mirror = false) =>
        uploadFiles({
          repl,
          files: new Map(
            Object.entries(files).map(([path, content]) => [
              path,
              typeof content === 'string' ? text(content) : content,
            ]),
          ),
          mirror,
          onProgress: () => undefined,
        });
      await body(t, { clock, peer, repl, upload });
      await repl.leave();
      t.deepEqual(clock.pending(), []);
    });
  });

for (const rawPaste of ['supported', 'refused', 'unknown'] as const) {
  boardTest(
    `programs run, and tell what they print or why they fail (raw paste ${rawPaste})`,
    { rawPaste },
    async (t, { repl }) => {
      t.is(await repl.run('print(6*7)', seconds(1)), '42\n');
      t.is(await repl.run(`x = '${'ü€'.repeat(300)}'\nprint(x)`, seconds(1)), `${'ü€'.repeat(300)}\n`);
      const error = await t.throwsAsync(repl.run('print(1)\nraise ValueError("no")', seconds(1)));
      t.true(isRigError(error, 'PROTOCOL'));
      t.regex(error?.message ?? '', /ValueError: no/);
      t.is(await repl.run('print(7)', seconds(1)), '7\n');
    },
  );

  boardTest(
    `files arrive as they are, folders are made (raw paste ${rawPaste})`,
    { rawPaste },
    async (t, { peer, upload }) => {
      const files = {
        'main.py': 'import link\n',
        'link/__init__.py': '',
        'link/deep/data.bin': randomBytes(3_000),
        'link/naïve “name”.txt': 'ü',
        'all.bin': Uint8Array.from({ length: 256 }, (_, index) => index),
      };
      const result = await upload(files);
      t.deepEqual([...result.written].sort(), Object.keys(files).sort());
      t.is(result.written.at(-1), 'main.py', 'what starts the others comes last');
      const onBoard = peer.files();
      t.is(onBoard.size, 5);
      for (const [path, content] of Object.entries(files)) {
        t.deepEqual(Buffer.from(onBoard.get(path) ?? []), Buffer.from(content), path);
      }
    },
  );
}

boardTest('what is there already is not written again', {}, async (t, { peer, upload }) => {
  const files = { 'main.py': 'one', 'a/b.txt': 'two' };
  await upload(files);
  const programs = peer.programs.length;
  t.deepEqual(await upload(files), { written: [], unchanged: ['a/b.txt', 'main.py'], removed: [], left: [] });
  t.false(peer.programs.slice(programs).some((program) => /_w\(b|mkdir|rename/.test(program)));
  t.deepEqual((await upload({ ...files, 'main.py': 'eno' })).written, ['main.py']);
  t.deepEqual(peer.files().get('main.py'), text('eno'));
});

boardTest(
  'a source that would win over its compiled successor is removed, and the other way round',
  {},
  async (t, { peer, upload }) => {
    peer.put('link/app.py', 'old');
    peer.put('old.mpy', 'old');
    const { removed } = await upload({ 'link/app.mpy': 'M\x06', 'old.py': 'new' });
    t.deepEqual([...removed].sort(), ['link/app.py', 'old.mpy']);
    t.deepEqual([...peer.files().keys()].sort(), ['link/app.mpy', 'old.py']);
  },
);

boardTest(
  'what is not in the directory stays and is named; a mirror removes it',
  {},
  async (t, { peer, upload }) => {
    peer.put('boot.py', '1');
    peer.put('lib/x/y.py', '2');
    peer.put('main.py', '3');
    t.deepEqual((await upload({ 'main.py': '3' })).left, ['boot.py', 'lib/x/y.py']);
    t.is(peer.files().size, 3);
    const mirrored = await upload({ 'main.py': '3' }, true);
    t.deepEqual(mirrored, {
      written: [],
      unchanged: ['main.py'],
      removed: ['boot.py', 'lib/x/y.py'],
      left: [],
    });
    t.deepEqual([...peer.files().keys()], ['main.py']);
    t.deepEqual((await upload({ 'lib/z.py': '4', 'main.py': '3' }, true)).written, ['lib/z.py']);
  },
);

boardTest('what remains of an upload that was broken off is no obstacle', {}, async (t, { peer, upload }) => {
  peer.put('main.py.new', 'half a fi');
  await upload({ 'main.py': 'whole' });
  t.deepEqual(peer.files(), new Map([['main.py', text('whole')]]));
});

boardTest('progress goes up to the end, also over files that are there', {}, async (t, { repl, upload }) => {
  await upload({ 'a.txt': 'x'.repeat(700) });
  const seen: UploadProgress[] = [];
  const files = new Map([
    ['a.txt', text('x'.repeat(700))],
    ['b.txt', text('y'.repeat(1_300))],
  ]);
  await uploadFiles({ repl, files, mirror: false, onProgress: (progress) => seen.push(progress) });
  t.deepEqual(
    seen.map(({ path, doneBytes }) => `${path} ${doneBytes}`),
    ['a.txt 0', 'a.txt 700', 'b.txt 700', 'b.txt 1212', 'b.txt 1724', 'b.txt 2000', 'b.txt 2000'],
  );
  t.true(seen.every(({ totalBytes }) => totalBytes === 2_000));
});

boardTest(
  'a file that does not arrive as it was sent does not replace the one that is there',
  { garble: (program) => program.replace("_w(b'QUFB", "_w(b'QkFB") },
  async (t, { peer, upload }) => {
    peer.put('main.py', 'good');
    const error = await t.throwsAsync(upload({ 'main.py': 'A'.repeat(100) }));
    t.true(isRigError(error, 'INVALID'));
    t.regex(error?.message ?? '', /main\.py.*not what was sent/);
    t.deepEqual(peer.files(), new Map([['main.py', text('good')]]));
  },
);

boardTest(
  'a full file system is told as such, and nothing half is left',
  { garble: (program) => program.replace(/^_w\(.*/, 'raise OSError(28)') },
  async (t, { peer, upload }) => {
    const error = await t.throwsAsync(upload({ 'main.py': 'AAA' }));
    t.true(isRigError(error, 'PROTOCOL'));
    t.regex(error?.message ?? '', /main\.py.*file system is full.*--mirror/);
    t.is(peer.files().size, 0);
  },
);

boardTest(
  'bytecode that the board does not read is not uploaded',
  { garble: (program) => program.replace("getattr(sys.implementation,'_mpy',0)", '5') },
  async (t, { peer, upload }) => {
    const error = await t.throwsAsync(upload({ 'a.mpy': 'M\x06' }));
    t.regex(error?.message ?? '', /version 5.*version 6.*--source/);
    t.is(peer.files().size, 0);
  },
);

boardTest(
  'a board that stops answering is told, with what it printed last',
  { diesAfter: 6 },
  async (t, { clock, upload }) => {
    const startUs = clock.now();
    const error = await t.throwsAsync(upload({ 'a.txt': 'x'.repeat(3_000) }));
    t.true(isRigError(error, 'TIMEOUT'));
    t.regex(error?.message ?? '', /^a\.txt: .*did not answer/);
    t.true(clock.now() - startUs < seconds(5));
  },
);

boardTest(
  'a program that catches interrupts is interrupted again',
  { interruptsCaught: 3 },
  async (t, { repl }) => {
    t.is(await repl.run('print(1)', seconds(1)), '1\n');
  },
);

const refusal = async (behaviour: PeerBehaviour, signal = never) => {
  const clock = new VirtualClock();
  const peer = await MicroPythonPeer.start(clock, behaviour);
  return await clock.run(async () => {
    try {
      await RawRepl.enter({ console: peer.console, clock, signal });
      return undefined;
    } catch (error) {
      return { error, afterUs: clock.now(), pending: clock.pending() };
    }
  });
};

test.serial('a board without a prompt is refused within bounds, with what to check', async (t) => {
  const refused = await refusal({ interruptsCaught: 1_000 });
  t.true(isRigError(refused?.error, 'TIMEOUT'));
  t.regex(String(refused?.error), /Is MicroPython on the board.*console\.baud/);
  t.true((refused?.afterUs ?? 0) < seconds(10));
  t.deepEqual(refused?.pending, []);
});

test.serial('a boot.py that never ends is named', async (t) => {
  const refused = await refusal({ hangsAtBoot: true });
  t.regex(String(refused?.error), /boot\.py/);
});

test.serial('whoever gives up does not wait', async (t) => {
  const refused = await refusal({ interruptsCaught: 1_000 }, AbortSignal.abort());
  t.true(isRigError(refused?.error, 'CANCELLED'));
  t.true((refused?.afterUs ?? 0) < ms(200));
});

/** Tracebacks on the console show the frames that a chip's would. */
import test from 'ava';
import fc from 'fast-check';
import { OwnFrames } from '../../../drivers/virtual/esp8266/repl/own-frames.js';

function printed(text: string): string {
  let out = '';
  const frames = new OwnFrames((byte) => {
    out += String.fromCharCode(byte);
  });
  for (const byte of Buffer.from(text, 'latin1')) frames.print(byte);
  frames.flush();
  return out;
}

test('frames of C modules go, those of frozen modules lose the folder, the rest stays', (t) => {
  t.is(
    printed(
      'Traceback (most recent call last):\r\n  File "main.py", line 1, in <module>\r\n' +
        '  File "/.board/time.py", line 2, in sleep\r\n  File "/.board/frozen/asyncio/core.py", line 3, in run\r\n' +
        'KeyboardInterrupt: \r\n',
    ),
    'Traceback (most recent call last):\r\n  File "main.py", line 1, in <module>\r\n' +
      '  File "asyncio/core.py", line 3, in run\r\nKeyboardInterrupt: \r\n',
  );
});

test('nothing else is changed, however it begins', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(' ', '  File "', '/', 'x', '\n', '\r', '  File "/.boar')),
      (parts) => {
        const text = parts.join('');
        t.is(printed(text), text);
      },
    ),
  );
});

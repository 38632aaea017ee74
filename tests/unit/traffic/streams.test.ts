/** What a scenario may declare as its streams. */
import test from 'ava';
import { encodeClientLine } from '../../../rig/link/messages.js';
import type { StreamDeclaration } from '../../../rig/run/declarations.js';
import { ms, us } from '../../../rig/time/units.js';
import { encodeMessage } from '../../../rig/traffic/message.js';
import { requireStreams } from '../../../rig/traffic/streams.js';

const good: StreamDeclaration = {
  name: 'readings',
  direction: 'uplink',
  qos: true,
  wait: true,
  periodUs: ms(500),
  count: 1_000,
  sizeBytes: 40,
};

const wrong: readonly [Partial<StreamDeclaration>, RegExp][] = [
  [{ name: 'a b' }, /called "a b"/],
  [{ name: '' }, /called ""/],
  [{ periodUs: us(0) }, /"readings": periodUs/],
  [{ periodUs: us(-1) }, /"readings": periodUs/],
  [{ periodUs: us(Number.NaN) }, /"readings": periodUs/],
  [{ count: 0 }, /"readings": count .* not 0\.$/],
  [{ count: -4 }, /"readings": count .* not -4\.$/],
  [{ count: 1.5 }, /"readings": count .* not 1\.5\.$/],
  [{ sizeBytes: 21 }, /"readings": sizeBytes .* from 22 to 198, not 21\.$/],
  [{ sizeBytes: 199 }, /"readings": sizeBytes .* from 22 to 198, not 199\.$/],
];
for (const [field, message] of wrong) {
  test(`a stream with ${JSON.stringify(field)} is refused`, (t) => {
    t.throws(() => requireStreams([{ ...good, ...field }]), { code: 'USAGE', message });
  });
}

test('two streams of one name are refused', (t) => {
  t.throws(() => requireStreams([good, { ...good, direction: 'downlink' }]), {
    code: 'USAGE',
    message: /Two streams are called "readings"/,
  });
});

test('every message of the shortest and of the longest stream allowed fits the link', (t) => {
  for (const sizeBytes of [22, 198]) {
    requireStreams([{ ...good, sizeBytes }]);
    for (const sequence of [0, good.count - 1]) {
      const text = encodeMessage(good.name, sequence, sizeBytes);
      t.is(encodeClientLine(text, good).length, sizeBytes + 2);
    }
  }
});

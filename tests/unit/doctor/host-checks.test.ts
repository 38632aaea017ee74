/** The host's own condition, from copies of /proc and /sys. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { checkHost } from '../../../drivers/pi/host-checks.js';
import type { Finding } from '../../../rig/doctor/finding.js';
import { ms } from '../../../rig/time/units.js';
import { VirtualClock } from '../../../rig/time/virtual-clock.js';

const governor = (cpu: number) => `sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_governor`;
const CLOCK_SOURCE = 'sys/devices/system/clocksource/clocksource0/current_clocksource';

async function checked(files: Readonly<Record<string, string>>): Promise<Finding[]> {
  const root = mkdtempSync(join(tmpdir(), 'rig-host-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const clock = new VirtualClock();
    return await clock.run(async () => {
      const findings: Finding[] = [];
      for await (const finding of checkHost(clock, new AbortController().signal, root))
        findings.push(finding);
      return findings;
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('a Pi that is fit to measure', async (t) => {
  const findings = await checked({
    'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
    'proc/sys/kernel/osrelease': '6.12.25+rpt-rpi-v8\n',
    [CLOCK_SOURCE]: 'arch_sys_counter\n',
    [governor(0)]: 'performance\n',
    [governor(1)]: 'performance\n',
    'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '0\n',
  });
  t.true(findings.every(({ status }) => status === 'ok'));
  t.regex(
    findings[0]?.text ?? '',
    /^Raspberry Pi 4 Model B Rev 1\.4, kernel 6\.12\.25\+rpt-rpi-v8, Node \d+/,
  );
  t.is(findings.length, 5);
});

test('what makes latencies wander is a warning with its remedy', async (t) => {
  const findings = await checked({
    [CLOCK_SOURCE]: 'jiffies\n',
    [governor(0)]: 'ondemand\n',
    [governor(1)]: 'performance\n',
    'sys/class/hwmon/hwmon0/name': 'cpu_thermal\n',
    'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '1\n',
  });
  const warnings = findings.filter(({ status }) => status === 'warning');
  t.is(warnings.length, 3);
  t.true(warnings.every(({ next }) => next !== undefined));
  t.regex(
    warnings.map(({ text }) => text).join('\n'),
    /jiffies[\s\S]*ondemand, performance[\s\S]*undervoltage/,
  );
});

test('a host that tells nothing of this is no reason to worry', async (t) => {
  const findings = await checked({});
  t.deepEqual(
    findings.map(({ status }) => status),
    ['ok', 'ok'],
  );
  t.regex(findings[0]?.text ?? '', /no Raspberry Pi/);
});

test('timers that are late say that the host is busy', async (t) => {
  const clock = new VirtualClock();
  const late = {
    now: () => clock.now(),
    at: clock.at.bind(clock),
    pending: () => clock.pending(),
    sleep: async (name: string) => clock.sleep(name, ms(60)),
  };
  const findings = await clock.run(async () => {
    const all: Finding[] = [];
    for await (const finding of checkHost(late, new AbortController().signal, '/nowhere')) all.push(finding);
    return all;
  });
  t.is(findings.at(-1)?.status, 'warning');
  t.regex(findings.at(-1)?.text ?? '', /late by 56\.0 ms/);
});

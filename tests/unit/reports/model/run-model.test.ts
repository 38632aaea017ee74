/** What a report shows of a run, from a real run's events and from made-up ones. */
import test from 'ava';
import { DecimatedSeries, GROUPS_KEPT } from '../../../../reports/model/decimated-series.js';
import { LanesRecorder, SPANS_KEPT } from '../../../../reports/model/lanes.js';
import { LatencyDensity, latencyBoundMs, SLICES } from '../../../../reports/model/latency-density.js';
import { percentileCurve } from '../../../../reports/model/percentile-curve.js';
import { RunModelBuilder } from '../../../../reports/model/run-model.js';
import { isRigError } from '../../../../rig/errors.js';
import { LatencyHistogram } from '../../../../rig/measure/histogram.js';
import type { RunEventBody } from '../../../../rig/run/events.js';
import { instant } from '../../../../rig/time/units.js';
import { wifiOutage } from '../../../../scenarios/wifi-outage.js';
import { rehearse } from '../../../scenarios/rehearsal.js';

test('the model of a real run agrees with its result', async (t) => {
  const { result, events } = await rehearse({
    scenario: wifiOutage,
    parameters: { messages: 200, outages: 1 },
    seed: 3,
  });
  const builder = new RunModelBuilder();
  for (const event of events) builder.apply(event);
  const model = builder.model();
  t.is(model.result.outcome, result.outcome);
  t.true(model.isComplete);
  t.is(model.streams.length, 2);
  for (const stream of model.streams) {
    const counted = result.streams.find(({ name }) => name === stream.name);
    const delivered = counted?.delivered ?? -1;
    t.is(stream.points.length, delivered);
    t.is(
      stream.density.cells.reduce((sum, [, , count]) => sum + count, 0),
      delivered,
    );
    const slowest = stream.curves.response.recovery.at(-1)?.ms ?? 0;
    t.true(Math.abs(slowest - (counted?.response.recovery.maxMs ?? 0)) < 0.01);
  }
  const wifi = model.lanes.find(({ name }) => name === 'WiFi')?.spans ?? [];
  t.deepEqual(
    wifi.map(({ state }) => state),
    ['on', 'access point off', 'on'],
  );
  const [fault] = result.faults;
  t.is(wifi[1]?.fromMs, fault?.injectedAtMs);
  t.is(wifi[1]?.toMs, fault?.clearedAtMs ?? undefined);
  for (const { spans } of model.lanes) t.is(spans.at(-1)?.toMs, model.endMs);
  t.is(model.excerpts.length, 1);
  t.true((model.excerpts[0]?.lines.length ?? 0) > 0);
  t.true(model.memory.length > 2);
  t.true(model.exchanges.every(({ last }) => last > 1 && last < 20));
});

test('of a journal that was cut off there is a model, and it says so', async (t) => {
  const { events } = await rehearse({
    scenario: wifiOutage,
    parameters: { messages: 50, outages: 1 },
    seed: 4,
  });
  const builder = new RunModelBuilder();
  for (const event of events.slice(0, Math.floor(events.length / 2))) builder.apply(event);
  const model = builder.model();
  t.false(model.isComplete);
  t.is(model.result.outcome, 'ERROR');
  t.true(model.lanes.length > 0);
});

test('without the start of a run nothing is known', (t) => {
  t.true(
    isRigError(
      t.throws(() => new RunModelBuilder().model()),
      'INVALID',
    ),
  );
});

test('density: slices double when a run outgrows them, and no message is lost by that', (t) => {
  const density = new LatencyDensity();
  const lengthMs = 10_000_000;
  for (let index = 0; index < 10_000; index += 1)
    density.record((index / 10_000) * lengthMs, 1 + (index % 300));
  const { sliceMs, cells } = density.density();
  t.is(
    cells.reduce((sum, [, , count]) => sum + count, 0),
    10_000,
  );
  t.true(sliceMs * SLICES > lengthMs && (sliceMs * SLICES) / 2 <= lengthMs);
  t.true(cells.every(([slice]) => slice < SLICES));
});

test('density: a latency lies between the bounds of its size', (t) => {
  for (const ms of [1, 1.5, 10, 99, 100, 4_321, 60_000]) {
    const density = new LatencyDensity();
    density.record(0, ms);
    const size = density.density().cells[0]?.[1] ?? -1;
    t.true(latencyBoundMs(size) <= ms * 1.000_001 && ms < latencyBoundMs(size + 1) * 1.000_001, `${ms}`);
  }
});

test('density: what is off the scale counts at its ends', (t) => {
  const density = new LatencyDensity();
  for (const ms of [0, 0.001, 1e12]) density.record(0, ms);
  t.deepEqual(density.density().cells, [
    [0, 0, 2],
    [0, 139, 1],
  ]);
});

test('series: however many values, the groups stay bounded and a spike survives', (t) => {
  const series = new DecimatedSeries();
  for (let index = 0; index < 100_000; index += 1)
    series.add(index, index === 31_415 ? 1_000_000 : index % 7);
  const groups = series.all();
  t.true(groups.length <= GROUPS_KEPT && groups.length >= GROUPS_KEPT / 2);
  t.is(Math.max(...groups.map(({ max }) => max)), 1_000_000);
  t.is(Math.min(...groups.map(({ min }) => min)), 0);
  t.is(groups.at(-1)?.atMs, 99_999);
});

test('series: few values stay as they are', (t) => {
  const series = new DecimatedSeries();
  series.add(1, 5);
  series.add(2, 3);
  t.deepEqual(series.all(), [
    { atMs: 1, min: 5, max: 5, last: 5 },
    { atMs: 2, min: 3, max: 3, last: 3 },
  ]);
});

const at = (body: RunEventBody, atMs: number) => ({ atUs: instant(atMs * 1_000), ...body });

test('lanes: a run with more changes than can be shown says how many are missing', (t) => {
  const lanes = new LanesRecorder();
  const changes = SPANS_KEPT + 500;
  for (let index = 0; index < changes; index += 1) {
    lanes.apply(at({ type: 'device.server', up: index % 2 === 0 }, index), index);
  }
  const device = lanes.lanes(changes).find(({ name }) => name === 'device');
  t.is((device?.spans.length ?? 0) + (device?.notShown ?? 0), changes - 1);
  t.is(device?.spans.length, SPANS_KEPT);
});

test('lanes: a state told twice is one span', (t) => {
  const lanes = new LanesRecorder();
  lanes.apply(at({ type: 'device.server', up: true }, 1), 1);
  lanes.apply(at({ type: 'device.server', up: true }, 2), 2);
  t.deepEqual(lanes.lanes(5), [
    { name: 'device', spans: [{ fromMs: 1, toMs: 5, state: 'connected', mood: 'good' }], notShown: 0 },
  ]);
});

test('curves: rising in both, up to the maximum, and no further than the count carries', (t) => {
  const histogram = new LatencyHistogram();
  for (let us = 1_000; us <= 1_000_000; us += 1_000) histogram.record(us);
  const curve = percentileCurve(histogram);
  for (const [index, point] of curve.entries()) {
    const before = curve[index - 1];
    if (before !== undefined) t.true(before.percent < point.percent && before.ms <= point.ms);
  }
  t.is(curve.at(-1)?.percent, 100);
  t.is(curve.at(-1)?.ms, 1_000);
  t.true((curve.at(-2)?.percent ?? 0) <= 99.9);
  t.deepEqual(percentileCurve(new LatencyHistogram()), []);
});

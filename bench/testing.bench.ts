// How long does a test wait for a cluster of `typernetes/testing`, and for a day of its time?
//
// Tests are run again and again, and what they wait for is what people leave out of them. A quiet day is mostly heartbeats,
// so it is measured with three nodes: once with a CronJob that runs each hour, and for an hour with one that runs each
// minute. The first start is that of a cold process; importing comes on top. All of it is work of one core: the yardstick
// is how long encoding and decoding 50,000 small objects takes, which tells a slow or busy machine from slow code.

import { CronJob } from '../src/api/batch/cron-job.ts';
import type { TestCluster } from '../src/testing/testing.ts';
import { median, report, rounded } from './report.ts';

const YARDSTICK_ROUNDS = 50_000;
const STARTS = 5;

await run();

async function run(): Promise<void> {
  const yardstick = [yardstickMs()];
  const { value: startCluster, ms: importMs } = await timed(
    async () => (await import('../src/testing/testing.ts')).startCluster,
  );
  const first = await timed(() => startCluster({ nodes: 3 }));
  await first.value[Symbol.asyncDispose]();
  const later: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const { value, ms } = await timed(() => startCluster({ nodes: 3 }));
    later.push(ms);
    await value[Symbol.asyncDispose]();
  }
  await using hourly = await startCluster({ nodes: 3 });
  await hourly.apply(cronJob('0 * * * *'));
  const day = await timed(() => hourly.advance({ days: 1 }));
  await using minutely = await startCluster({ nodes: 3 });
  await minutely.apply(cronJob('* * * * *'));
  const hour = await timed(() => minutely.advance({ hours: 1 }));
  yardstick.push(yardstickMs());
  const details = { yardstickMs: yardstick.map(rounded) };
  report(
    'testing',
    { measure: 'first start', value: first.ms, unit: 'ms', budget: { atMost: 300 } },
    { ...details, importMs: rounded(importMs) },
  );
  report(
    'testing',
    { measure: 'later start', value: median(later), unit: 'ms' },
    { ...details, starts: later.map(rounded) },
  );
  const runs = { last: [await lastRun(hourly), await lastRun(minutely)] };
  report(
    'testing',
    { measure: 'a day, hourly', value: day.ms / 1000, unit: 's', budget: { atMost: 5 } },
    { ...details, ...runs },
  );
  report('testing', { measure: 'an hour, each minute', value: hour.ms / 1000, unit: 's' }, details);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, ms: performance.now() - startedAt };
}

function yardstickMs(): number {
  const startedAt = performance.now();
  for (let i = 0; i < YARDSTICK_ROUNDS; i++) JSON.parse(JSON.stringify(cronJob('* * * * *')));
  return performance.now() - startedAt;
}

async function lastRun({ client }: TestCluster): Promise<string | undefined> {
  return (await client.get(CronJob, { namespace: 'default', name: 'tick' })).status.lastScheduleTime;
}

function cronJob(schedule: string) {
  const annotations = { 'simulated.typernetes.io/run-seconds': '5' };
  const containers = [{ name: 'main', image: 'tick' }];
  const template = { metadata: { annotations }, spec: { restartPolicy: 'Never', containers } };
  const spec = { schedule, jobTemplate: { spec: { template } } };
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'tick' }, spec };
}

// What the specification's rows say of the limits that containers are held to, as the kernel has them. Each test bears the
// ids of its rows.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Node } from '../../../src/api/core/node.ts';
import type { Pod } from '../../../src/api/core/pod.ts';
import { cpuQuotaOf, cpuTimeOf, firstProcessOf, memoryLimitOf, throttledOf } from '../../support/container-process.ts';
import { askServer, conditionOf, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const run = promisify(execFile);
const BUSY = `trap 'exit 0' TERM; while :; do :; done`;
const MEASURED_MS = 2000;
const SIZES_ITSELF =
  'kilobytes=$(awk \'/^MemTotal/ { print $2 }\' /proc/meminfo); heap=$(head -c $((kilobytes * 256)) /dev/zero | tr "\\0" x)';

export function cgroupRowTests(conformance: Conformance): void {
  conformance(
    'CB-018 CB-019 CB-024 CB-025 a container is held to its limits, and what it used is told as the kernel counts it',
    limited,
  );
  conformance('CB-022 a pod sends and receives no faster than its annotations say', bandwidth);
  conformance('CB-023 what containers asked for is how they share a busy core', shares);
  conformance(
    'CB-026 LC-020 LC-025 a pod that asks for more than a node has waits, however idle the nodes are',
    tooMuch,
  );
  conformance(
    'CB-027 CB-030 who goes by /proc/meminfo takes too much, unless another file is mounted over it',
    sizesItself,
  );
}

async function limited({ access, namespace, create, whenReady }: Scene): Promise<void> {
  await create('busy', { containers: [shell(BUSY, { resources: { limits: { cpu: '20m', memory: '200Mi' } } })] });
  const pod = await whenReady('busy');
  const { pid } = await firstProcessOf(pod);
  assert.equal(await memoryLimitOf(pid), 200 * 1024 * 1024);
  assert.equal(await cpuQuotaOf(pid), 2000);
  const held = await throttledOf(pid);
  const share = await cpuShareOf(pid);
  assert.ok(share < 0.03, `it used ${share} of a core`);
  assert.ok((await throttledOf(pid)) > held);

  const least = await cpuTimeOf(pid);
  const since = Date.now();
  const told = await until('its figures are new', async () => {
    const { text } = await askServer(access, `/api/v1/nodes/${pod.spec.nodeName}/proxy/stats/summary`);
    const pods: readonly PodFigures[] = JSON.parse(text).pods;
    const own = pods.find(({ podRef }) => podRef.name === 'busy' && podRef.namespace === namespace);
    const cpu = own?.containers.find(({ name }) => name === 'main')?.cpu;
    return cpu && Date.parse(cpu.time) > since ? cpu.usageCoreNanoSeconds : undefined;
  });
  const most = await cpuTimeOf(pid);
  assert.ok(least <= told && told <= most, `${least} <= ${told} <= ${most}`);
}

interface PodFigures {
  readonly podRef: { readonly name: string; readonly namespace: string };
  readonly containers: readonly {
    readonly name: string;
    readonly cpu?: { readonly time: string; readonly usageCoreNanoSeconds: number };
  }[];
}

/** How much of a core the container uses. */
async function cpuShareOf(pid: number): Promise<number> {
  const [since, before] = [performance.now(), await cpuTimeOf(pid)];
  await delay(MEASURED_MS);
  return ((await cpuTimeOf(pid)) - before) / 1e6 / (performance.now() - since);
}

/** The kernel's own account: what the plugin allows at once is more than a test would like to send. */
async function bandwidth({ nodes, create, whenReady, output }: Scene): Promise<void> {
  // The machine's own links are the first node's.
  const nodeSelector = { 'kubernetes.io/hostname': nodes[0]! };
  const annotations = { 'kubernetes.io/ingress-bandwidth': '10M', 'kubernetes.io/egress-bandwidth': '4M' };
  await create('slow', { nodeSelector }, { annotations });
  await create('fast', { nodeSelector });
  await Promise.all([whenReady('slow'), whenReady('fast')]);
  const { stdout } = await run('tc', ['-json', 'qdisc', 'show']);
  const buckets: readonly Bucket[] = JSON.parse(stdout).filter(({ kind }: Bucket) => kind === 'tbf');
  const links: readonly Link[] = JSON.parse((await run('ip', ['-json', 'link', 'show'])).stdout);
  const linkOf = async (pod: string) => {
    const index = Number(await output(pod, 'cat /sys/class/net/eth0/iflink'));
    return links.find(({ ifindex }) => ifindex === index)!.ifname;
  };
  const ratesAt = (link: string) => buckets.filter(({ dev }) => dev === link).map(({ options }) => options.rate * 8);
  const slow = await linkOf('slow');
  assert.deepEqual(ratesAt(slow), [10_000_000]);
  assert.deepEqual(ratesAt(await linkOf('fast')), []);
  // What comes from the pod goes on by another link, where it is held back.
  const { stdout: filters } = await run('tc', ['-json', 'filter', 'show', 'dev', slow, 'ingress']);
  const [, beyond = ''] = /"to_dev":"([^"]+)"/.exec(filters) ?? [];
  assert.deepEqual(ratesAt(beyond), [4_000_000]);
}

interface Bucket {
  readonly kind: string;
  readonly dev: string;
  readonly options: { readonly rate: number };
}

interface Link {
  readonly ifindex: number;
  readonly ifname: string;
}

async function shares({ nodes, create, whenReady }: Scene): Promise<void> {
  const nodeSelector = { 'kubernetes.io/hostname': nodes[0]! };
  const start = async (cpu: string) => {
    const name = `busy-${cpu}`;
    await create(name, { nodeSelector, containers: [shell(BUSY, { resources: { requests: { cpu } } })] });
    const { pid } = await firstProcessOf(await whenReady(name));
    await run('taskset', ['--cpu-list', '--pid', '0', String(pid)]);
    return pid;
  };
  const pids = await Promise.all(['100m', '300m'].map(start));
  const [less = 0, more = 0] = await Promise.all(pids.map(cpuShareOf));
  assert.ok(more / less > 2 && more / less < 4, `${less} and ${more} of a core`);
}

async function tooMuch({ client, nodes, create, podWhen, eventsOf }: Scene): Promise<void> {
  const cores = await Promise.all(
    nodes.map(async (name) => Number((await client.get(Node, { name })).status.capacity?.['cpu'])),
  );
  const cpu = String(Math.ceil(Math.max(...cores)) + 1);
  await create('large', { containers: [shell(untilTold(), { resources: { requests: { cpu } } })] });
  const pod = await podWhen(
    'large',
    'is found to fit nowhere',
    (now) => conditionOf(now, 'PodScheduled') !== undefined,
  );
  const scheduled = conditionOf(pod, 'PodScheduled');
  assert.deepEqual([pod.status.phase, scheduled?.status, scheduled?.reason], ['Pending', 'False', 'Unschedulable']);
  assert.match(scheduled?.message ?? '', /2 Insufficient cpu/);
  await until('an event tells', async () =>
    (await eventsOf('large')).some(({ reason }) => reason === 'FailedScheduling'),
  );
}

/** As a virtual machine for Java does, each takes a quarter of what it believes the machine to have. */
async function sizesItself({ client, namespace, create, podWhen, whenReady, output }: Scene): Promise<void> {
  const data = { meminfo: 'MemTotal:  32768 kB\nMemFree:  16384 kB\n' };
  await client.create(ConfigMap, { metadata: { name: 'proc', namespace }, data });
  const resources = { limits: { memory: '64Mi' } };
  await create('misled', { containers: [shell(untilTold(SIZES_ITSELF), { resources })] });
  await create('told', {
    volumes: [{ name: 'proc', configMap: { name: 'proc' } }],
    containers: [
      shell(untilTold(`${SIZES_ITSELF}; touch /tmp/has-it`), {
        resources,
        volumeMounts: [{ name: 'proc', mountPath: '/proc/meminfo', subPath: 'meminfo' }],
        readinessProbe: { exec: { command: ['test', '-e', '/tmp/has-it'] }, periodSeconds: 1 },
      }),
    ],
  });
  const killed = await podWhen('misled', 'is killed', ({ status }) => lastEnd(status) !== undefined);
  assert.deepEqual([lastEnd(killed.status)?.reason, lastEnd(killed.status)?.exitCode], ['OOMKilled', 137]);
  const told = await whenReady('told');
  assert.equal(told.status.containerStatuses?.[0]?.restartCount, 0);

  await create('looks', {});
  await whenReady('looks');
  const total = /^MemTotal:.*$/m;
  const machine = total.exec(await readFile('/proc/meminfo', 'utf8'))?.[0];
  assert.equal(total.exec(await output('looks', 'cat /proc/meminfo'))?.[0], machine);
}

function lastEnd({ containerStatuses: [main] = [] }: Pod['status']) {
  return main?.state?.terminated ?? main?.lastState?.terminated;
}

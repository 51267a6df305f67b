// What the specification's rows say a container is: a process of the machine in namespaces of its own, below a root of its
// own. The kernel of the machine is asked, for the nodes' containers are its processes. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Pod } from '../../../src/api/core/pod.ts';
import { listMounts } from '../../../src/cri/mount-table.ts';
import { type ProcessInfo, processAt } from '../../../src/cri/process-table.ts';
import { firstProcessOf, isUnified, processesIn } from '../../support/container-process.ts';
import { isReady, shell, until, untilTold } from '../../support/node-pods.ts';
import { ensureInstalled } from '../../support/system-packages.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const run = promisify(execFile);

type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'uts';

export function containerRowTests(conformance: Conformance): void {
  conformance('CB-001 CB-005 CB-014 CB-015 CB-016 CB-033 a container is a process of the machine', isProcess);
  conformance('CB-002 CB-003 namespaces come first, then limits, then another root, then the program', orderOfStart);
  conformance('CB-006 CB-010 CB-011 CB-038 a container sees itself, and no kernel among its files', seesItself);
  conformance('CB-004 the processes of the machine are there where the pod asks for them', hostProcesses);
  conformance('CB-040 CB-044 layers of the image are for reading, one above them is the container’s own', layers);
  conformance('CB-008 CB-009 a mount namespace hides nothing by itself, another root does', mountsAndRoots);
  conformance('CB-012 CB-032 queues, processes and files of one pod are not there in another', apart);
  conformance('CB-017 a container sets the clock only where the pod says it may', clock);
  conformance('CB-034 CB-035 CB-036 only the end of the first process is the container’s', firstProcess);
}

async function isProcess({ create, whenReady, output }: Scene): Promise<void> {
  await create('pod', {});
  const pod = await whenReady('pod');
  const process = await firstProcessOf(pod);
  for (const kind of ['ipc', 'mnt', 'net', 'pid', 'uts'] as const) {
    assert.notEqual(await namespaceOf(process, kind), await namespaceOf('self', kind), kind);
  }
  // Runtimes give one where the kernel has the second version of control groups only.
  const sameGroups = (await namespaceOf(process, 'cgroup')) === (await namespaceOf('self', 'cgroup'));
  assert.equal(sameGroups, !(await isUnified()));
  if (!sameGroups) assert.equal(await output('pod', 'cat /proc/self/cgroup'), '0::/');

  const status = await readFile(`/proc/${process.pid}/status`, 'utf8');
  assert.match(status, new RegExp(`^NSpid:\\t${process.pid}\\t1$`, 'm'));
  const inside = await output('pod', `awk '{ sub(/.*\\) /, ""); print $20 }' /proc/1/stat`);
  assert.equal(Number(inside), process.startTicks);
  assert.equal(await output('pod', 'uname -r'), release());
  const parent = await processAt(process.parentPid);
  assert.match(parent?.commandLine[0] ?? '', /containerd-shim/);
}

/** The runtime is told once more what containerd has told it of a container, but for the program, and is looked at. */
async function orderOfStart({ nodes, create, whenReady }: Scene): Promise<void> {
  assert.equal(await ensureInstalled({ '/usr/bin/strace': 'strace' }), undefined);
  const resources = { limits: { memory: '64Mi' } };
  const nodeSelector = { 'kubernetes.io/hostname': nodes[0]! };
  await create('pod', { nodeSelector, containers: [shell(untilTold(), { resources })] });
  const id = containerIdOf(await whenReady('pod'));
  const root = (await listMounts()).find(({ path }) => path.endsWith(`/${id}/rootfs`))?.path ?? '';
  const spec = JSON.parse(await readFile(join(dirname(root), 'config.json'), 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 't8s-trace-'));
  try {
    const traced = {
      ...spec,
      root: { path: root },
      process: { ...spec.process, terminal: false, args: ['/bin/true'] },
      linux: { ...spec.linux, cgroupsPath: `${spec.linux.cgroupsPath}-traced` },
    };
    await writeFile(join(directory, 'config.json'), JSON.stringify(traced));
    const first = ['unshare\\(.*CLONE_NEW', 'write\\(.*/memory\\.(limit_in_bytes|max)>, "67108864'];
    const last = 'execve\\("/bin/true"';
    inOrder(await traceOf(directory), [...first, 'pivot_root\\(', last]);
    // As where the kernel cannot change its root: the file system of its start.
    const other = await traceOf(directory, '--no-pivot');
    inOrder(other, [...first, 'chroot\\(', last]);
    assert.doesNotMatch(other, /pivot_root\(/);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function traceOf(bundle: string, ...options: readonly string[]): Promise<string> {
  const file = join(bundle, 'trace');
  const calls = 'trace=unshare,write,pivot_root,chroot,execve';
  const runtime = ['runc', '--root', join(bundle, 'runc'), 'run', ...options, '--bundle', bundle, 'traced'];
  await run('strace', ['--follow-forks', '--seccomp-bpf', '-y', '-o', file, '-e', calls, ...runtime]);
  return readFile(file, 'utf8');
}

function inOrder(text: string, patterns: readonly string[]): void {
  const places = patterns.map((pattern) => text.search(new RegExp(pattern)));
  assert.ok(!places.includes(-1), `${places.join()} of ${patterns.join()}`);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
}

async function seesItself({ create, whenReady, output }: Scene): Promise<void> {
  await create('pod', {});
  await whenReady('pod');
  const processes = (await output('pod', 'ps -o pid,args'))
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
  assert.match(processes[0] ?? '', /^1 sh -c trap/);
  assert.ok(processes.length < 8, processes.join('\n'));
  assert.deepEqual((await output('pod', 'ls /sys/class/net')).split(/\s+/).sort(), ['eth0', 'lo']);
  assert.notDeepEqual(Object.keys(networkInterfaces()).sort(), ['eth0', 'lo']);
  assert.equal(await output('pod', 'hostname'), 'pod');
  assert.notEqual(hostname(), 'pod');
  assert.equal(await output('pod', 'ls -d /boot /lib/modules 2>/dev/null || echo none'), 'none');
}

async function hostProcesses({ create, whenReady, output }: Scene): Promise<void> {
  await Promise.all([create('own', {}), create('hosts', { hostPID: true })]);
  const number = async (name: string) => {
    const { pid } = await firstProcessOf(await whenReady(name));
    return {
      pid: String(pid),
      inside: await output(
        name,
        `for status in /proc/[0-9]*/status; do awk '/^Name:/ { name = $2 } /^Pid:/ { print $2, name }' $status; done 2>/dev/null; true`,
      ),
    };
  };
  const own = await number('own');
  assert.match(own.inside, /^1 sh$/m);
  const hosts = await number('hosts');
  assert.match(hosts.inside, new RegExp(`^${hosts.pid} sh$`, 'm'));
  assert.match(hosts.inside, new RegExp(`^${process.pid} `, 'm'));
}

async function layers({ create, whenReady }: Scene): Promise<void> {
  await create('pod', {
    containers: ['main', 'other'].map((name) => shell(untilTold(), { name, image: 'nginx:alpine' })),
  });
  const pod = await whenReady('pod');
  const root = await rootMountOf(await firstProcessOf(pod));
  const other = await rootMountOf(await firstProcessOf(pod, 'other'));
  assert.equal(root.type, 'overlay');
  assert.ok(root.lower.length >= 3, 'the layers of the image');
  assert.deepEqual(root.lower, other.lower);
  assert.notEqual(root.upper, other.upper);
  for (const directory of [...root.lower, root.upper]) assert.match(directory, /\/snapshots\/\d+\/fs$/);
  assert.ok(!root.lower.includes(root.upper));
  // What Docker has as its init layer are files of the pod, mounted one by one.
  for (const file of ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']) assert.ok(root.mounts.includes(file), file);
}

/** Where the layers of its root are, and what else is mounted. */
async function rootMountOf({ pid }: ProcessInfo) {
  const entries = (await readFile(`/proc/${pid}/mountinfo`, 'utf8')).split('\n').map((line) => line.split(' '));
  const root = entries.find((fields) => fields[4] === '/') ?? [];
  const options = root.at(-1) ?? '';
  const option = (name: string) => new RegExp(`(?:^|,)${name}=([^,]*)`).exec(options)?.[1] ?? '';
  return {
    type: root[root.indexOf('-') + 1],
    lower: option('lowerdir').split(':'),
    upper: option('upperdir'),
    mounts: entries.map((fields) => fields[4]),
  };
}

async function mountsAndRoots({ create, whenReady, output }: Scene): Promise<void> {
  await create('pod', {
    containers: [shell(untilTold()), shell(untilTold(), { name: 'mighty', securityContext: { privileged: true } })],
  });
  await whenReady('pod');
  assert.equal(await output('pod', 'unshare -m true 2>/dev/null || echo refused'), 'refused');
  assert.equal(await output('pod', 'unshare -m ls /', 'mighty'), await output('pod', 'ls /', 'mighty'));
  const jail = 'mkdir -p /jail/bin && cp /bin/busybox /jail/bin/sh';
  assert.equal(await output('pod', `${jail} && chroot /jail /bin/sh -c 'echo /*'`), '/bin');
}

async function apart({ create, whenReady, output, nodes }: Scene): Promise<void> {
  // Both on one node: the kernel is the same anyway.
  const nodeSelector = { 'kubernetes.io/hostname': nodes[0]! };
  const queue = 'defined(msgget(12345, 01600)) or die $!';
  const first = shell(untilTold('echo secret > /tmp/file'), { image: 'echo:latest' });
  await create('first', { nodeSelector, containers: [first, { ...first, name: 'beside' }] });
  await create('second', { nodeSelector });
  await Promise.all([whenReady('first'), whenReady('second')]);
  await output('first', `perl -e '${queue}'`);
  const hasQueue = /^\s*12345 /m;
  const queues = 'cat /proc/sysvipc/msg';
  assert.match(await output('first', queues, 'beside'), hasQueue);
  assert.doesNotMatch(await output('second', queues), hasQueue);
  assert.doesNotMatch(await readFile('/proc/sysvipc/msg', 'utf8'), hasQueue);
  assert.equal(await output('second', 'test -e /tmp/file || echo none'), 'none');
  assert.doesNotMatch(await output('second', 'ps -o args'), /secret/);
}

/** Sets what is set already: to turn the machine's clock would be seen by everybody. */
async function clock({ create, whenReady, output }: Scene): Promise<void> {
  const capabilities = { add: ['SYS_TIME'] };
  await create('pod', {
    containers: [shell(untilTold()), shell(untilTold(), { name: 'mighty', securityContext: { capabilities } })],
  });
  await whenReady('pod');
  const setAgain = `tick=$(adjtimex | awk '/tick/ { print $3 }'); adjtimex -q -t $tick 2>/dev/null && echo set || echo refused`;
  assert.equal(await output('pod', setAgain), 'refused');
  assert.equal(await output('pod', setAgain, 'mighty'), 'set');
}

async function firstProcess({ create, get, whenReady, podWhen, output }: Scene): Promise<void> {
  const script = 'sleep 36002 & sleep 1 & exec sleep 36003';
  await create('pod', { containers: [shell(script)], terminationGracePeriodSeconds: 1 });
  const pod = await whenReady('pod');
  const id = containerIdOf(pod);
  const running = async () => (await processesIn(id)).map(({ commandLine }) => commandLine.join(' '));
  await output('pod', 'sleep 36004 > /dev/null 2>&1 &');
  await until('the short one has ended', async () => !(await running()).includes('sleep 1'));
  assert.deepEqual((await running()).sort(), ['sleep 36002', 'sleep 36003', 'sleep 36004']);
  for (const { pid, commandLine } of await processesIn(id))
    if (commandLine[1] === '36002') process.kill(pid, 'SIGKILL');
  await until('the one beside is gone', async () => !(await running()).includes('sleep 36002'));
  const [main] = (await get('pod')).status.containerStatuses ?? [];
  assert.deepEqual([main?.restartCount, main?.state?.running !== undefined], [0, true]);
  process.kill((await firstProcessOf(pod)).pid, 'SIGKILL');
  const again = await podWhen('pod', 'runs again', (now) => isReady(now) && restartsOf(now) === 1);
  assert.equal(again.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 137);
}

function containerIdOf({ status }: Pod): string {
  return status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
}

const restartsOf = ({ status }: Pod) => status.containerStatuses?.[0]?.restartCount;

async function namespaceOf(process: ProcessInfo | 'self', kind: NamespaceKind): Promise<string> {
  return readlink(`/proc/${process === 'self' ? 'self' : process.pid}/ns/${kind}`);
}

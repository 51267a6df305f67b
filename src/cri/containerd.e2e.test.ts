// Our own containerd with real containers: needs Linux and root, installs containerd where it is missing.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Registry, startRegistry } from '../../test/support/registry.ts';
import { someSubnet } from '../../test/support/some-subnet.ts';
import { ensureInstalled } from '../../test/support/system-packages.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { connectCri } from './connect-cri.ts';
import type { ContainerConfig } from './container-messages.ts';
import { type Containerd, type ContainerdOptions, startContainerd } from './containerd.ts';
import type { Cri } from './cri.ts';
import { listMounts, mountsBelow } from './mount-table.ts';
import { cgroupsOf, isRunning, listProcesses, processAt } from './process-table.ts';
import { removeContainerd } from './remove-containerd.ts';
import type { PodSandboxConfig } from './sandbox-messages.ts';

const run = promisify(execFile);

const skip = await ensureInstalled({
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/sbin/ip': 'iproute2',
});

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await delay(20);
  }
}

describe('containerd', { skip: skip ?? false }, () => {
  /** Names what the test makes on this machine, where others may run the same test. */
  const tag = randomBytes(3).toString('hex');
  const bridge = `t8se${tag}`;
  const subnet = someSubnet();
  const cgroupParent = `/t8s-e2e-${tag}`;
  let directory: string;
  let registry: Registry;
  let containerd: Containerd;
  let cri: Cri;

  const deps = (name = 'node') => ({
    dataDir: join(directory, name, 'data'),
    runDir: join(directory, name, 'run'),
    log: silentLogger,
    clock: systemClock,
  });
  const options = (): ContainerdOptions => ({
    cniConfDir: join(directory, 'cni'),
    registryMirrors: [{ host: 'docker.io', url: registry.url }],
    cgroupDriver: 'cgroupfs',
  });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 't8s-cri-'));
    registry = await startRegistry({ images: ['busybox:latest', 'echo:latest'] });
    await mkdir(join(directory, 'cni'));
    await writeFile(join(directory, 'cni', '10-pods.conflist'), JSON.stringify(networkList(bridge, subnet, directory)));
    containerd = await startContainerd(deps(), options());
    cri = connectCri({ endpoint: containerd.endpoint, log: silentLogger });
  });

  after(async () => {
    await cri?.[Symbol.asyncDispose]();
    await removeContainerd(deps());
    await registry?.[Symbol.asyncDispose]();
    await run('ip', ['link', 'delete', bridge]).catch(() => {}); // Not there where no pod was run.
    await removeCgroup(cgroupParent);
    await rm(directory, { recursive: true, force: true });
  });

  function sandboxConfig(name: string, network: 'POD' | 'NODE'): PodSandboxConfig {
    return {
      metadata: { name, namespace: 'test', uid: `${name}-${tag}`, attempt: 0 },
      hostname: network === 'POD' ? name : '',
      logDirectory: join(directory, 'logs', name),
      labels: { app: name },
      dnsConfig: { servers: ['10.96.0.10'], searches: ['svc.cluster.local'], options: ['ndots:5'] },
      linux: { cgroupParent, securityContext: { namespaceOptions: { network, pid: 'CONTAINER', ipc: 'POD' } } },
    };
  }

  async function runContainer(sandbox: PodSandboxConfig, config: ContainerConfig): Promise<[pod: string, id: string]> {
    await mkdir(sandbox.logDirectory!, { recursive: true });
    const { podSandboxId } = await cri.runPodSandbox({ config: sandbox });
    const { containerId } = await cri.createContainer({ podSandboxId, config, sandboxConfig: sandbox });
    await cri.startContainer({ containerId });
    return [podSandboxId, containerId];
  }

  async function shell(containerId: string, command: string): Promise<string> {
    const { stdout, stderr, exitCode } = await cri.execSync({ containerId, cmd: ['sh', '-c', command], timeout: 10 });
    assert.equal(exitCode, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  }

  async function pidOf(containerId: string): Promise<number> {
    const { info } = await cri.containerStatus({ containerId, verbose: true });
    return JSON.parse(info['info'] ?? '{}').pid;
  }

  test('startContainerd brings up CRI with the pause image', async () => {
    const { runtimeName } = await cri.version({});
    assert.equal(runtimeName, 'containerd');
    const { image } = await cri.imageStatus({ image: { image: 'typernetes.io/pause:1' } });
    assert.equal(image?.uid, 65535);
    const { status } = await cri.status({});
    const conditions = new Map(status?.conditions.map((condition) => [condition.type, condition.status]));
    assert.equal(conditions.get('RuntimeReady'), true);
    assert.equal(conditions.get('NetworkReady'), true);
  });

  test('startContainerd adopts the one that runs', async () => {
    const again = await startContainerd(deps(), options());
    assert.equal(again.adopted, true);
    assert.deepEqual(again.process.pid, containerd.process.pid);
    assert.deepEqual((await processAt(again.process.pid))?.commandLine.slice(1), ['--config', again.paths.configFile]);
  });

  test('startContainerd adopts it without a pid file too', async () => {
    await rm(containerd.paths.pidFile);
    assert.equal((await startContainerd(deps(), options())).process.pid, containerd.process.pid);
  });

  test('pullImage pulls through the mirror, and fails at once for what the mirror lacks', async () => {
    const { imageRef } = await cri.pullImage({ image: { image: 'docker.io/library/busybox:latest' } });
    const { image } = await cri.imageStatus({ image: { image: 'busybox' } });
    assert.equal(image?.id, imageRef);
    assert.deepEqual(image?.repoTags, ['docker.io/library/busybox:latest']);
    await assert.rejects(cri.pullImage({ image: { image: 'docker.io/library/missing:1' } }), { code: 'NOT_FOUND' });
  });

  test('a pod in the network of the node runs, logs and can be looked into', async () => {
    const sandbox = sandboxConfig('host', 'NODE');
    const [pod, id] = await runContainer(sandbox, {
      metadata: { name: 'main' },
      image: { image: 'docker.io/library/busybox:latest' },
      command: ['sh', '-c'],
      args: ['echo out; echo err >&2; exec sleep 1000'],
      envs: [{ key: 'GREETING', value: 'grüß' }],
      mounts: [{ containerPath: '/host', hostPath: directory, readonly: true }],
      logPath: 'main/0.log',
      linux: { resources: { memoryLimitInBytes: 64 * 1024 * 1024, cpuShares: 102, oomScoreAdj: 900 } },
    });
    const { status } = await cri.containerStatus({ containerId: id });
    assert.equal(status?.state, 'CONTAINER_RUNNING');
    assert.ok(Math.abs(status.startedAt - Date.now()) < 60_000);
    assert.equal(await shell(id, 'echo $GREETING'), 'grüß');
    assert.equal(await shell(id, 'test -e /host/node && ! touch /host/x 2>/dev/null && echo sealed'), 'sealed');
    assert.equal(await readlink(`/proc/${await pidOf(id)}/ns/net`), await readlink('/proc/self/ns/net'));
    assert.ok((await cgroupsOf(await pidOf(id))).includes(`${cgroupParent}/${id}`));
    const log = await until('both lines are logged', async () => {
      const lines = (await readFile(join(sandbox.logDirectory!, 'main/0.log'), 'utf8')).trimEnd().split('\n');
      return lines.length === 2 && lines;
    });
    const logged = log.map((line) => line.replace(/^\S+ /, '')).sort();
    assert.deepEqual(logged, ['stderr F err', 'stdout F out']);

    await cri.stopContainer({ containerId: id, timeout: 0 });
    const { containers } = await cri.listContainers({ filter: { podSandboxId: pod } });
    assert.deepEqual(
      containers.map(({ state }) => state),
      ['CONTAINER_EXITED'],
    );
    const { status: ended } = await cri.containerStatus({ containerId: id });
    assert.equal(ended?.exitCode, 137);
    await cri.stopPodSandbox({ podSandboxId: pod });
    await cri.removePodSandbox({ podSandboxId: pod });
    await assert.rejects(cri.podSandboxStatus({ podSandboxId: pod }), { code: 'NOT_FOUND' });
  });

  test('containers outlive kill -9 of containerd, its stop and its change of configuration', async () => {
    await cri.pullImage({ image: { image: 'docker.io/library/echo:latest' } });
    const [pod, id] = await runContainer(sandboxConfig('web', 'POD'), {
      metadata: { name: 'echo' },
      image: { image: 'docker.io/library/echo:latest' },
      logPath: 'echo/0.log',
    });
    const { status } = await cri.podSandboxStatus({ podSandboxId: pod });
    const ip = status?.network?.ip ?? '';
    assert.equal(ip.replace(/\d+$/, '0/24'), subnet);
    const ask = async () => ((await (await fetch(`http://${ip}/`)).json()) as { hostname: string }).hostname;
    await until('the server answers', () =>
      ask().then(
        (name) => name === 'web',
        () => false,
      ),
    );
    const pid = await pidOf(id);
    const stillThere = async () => {
      assert.equal(await pidOf(id), pid);
      assert.equal(await ask(), 'web');
      assert.equal(await shell(id, 'hostname'), 'web');
    };

    const watch = new AbortController();
    const kept = containerd.keepRunning({ signal: watch.signal });
    const killed = containerd.process;
    process.kill(killed.pid, 'SIGKILL');
    await until('another containerd', async () => containerd.process.pid !== killed.pid && isAnswering());
    watch.abort();
    await kept;
    await stillThere();

    await containerd.stop();
    assert.equal(await isRunning(containerd.process), false);
    assert.equal(await ask(), 'web');
    containerd = await startContainerd(deps(), options());
    assert.equal(containerd.adopted, false);
    await stillThere();

    const before = containerd.process;
    containerd = await startContainerd(deps(), { ...options(), logLevel: 'error' });
    assert.notEqual(containerd.process.pid, before.pid);
    await stillThere();
  });

  const isAnswering = () =>
    cri.version({}).then(
      () => true,
      () => false,
    );

  test('a shim that was never given anything to run goes when containerd is started again', async () => {
    const { socket, state } = containerd.paths;
    const id = randomBytes(32).toString('hex');
    const bundle = join(state, 'io.containerd.runtime.v2.task', 'k8s.io', id);
    await mkdir(bundle, { mode: 0o700 });
    await writeFile(join(bundle, 'config.json'), '{}');
    const args = ['-namespace', 'k8s.io', '-id', id, '-address', socket, 'start'];
    // It leaves the shim behind, which keeps whatever output it was given open.
    await run('sh', ['-c', `mkfifo log && containerd-shim-runc-v2 ${args.join(' ')} </dev/null >address 2>/dev/null`], {
      cwd: bundle,
    });
    const shims = async () =>
      (await listProcesses()).filter(({ commandLine }) => commandLine.includes(socket) && commandLine.includes('-id'));
    const isThere = async () => (await shims()).some(({ commandLine }) => commandLine.includes(id));
    assert.ok(await isThere());
    const others = (await shims()).length - 1;
    await containerd.stop();
    containerd = await startContainerd(deps(), options());
    assert.equal(await isThere(), false);
    assert.equal((await shims()).length, others);
    await assert.rejects(access(bundle));
  });

  test('statistics say what a container uses', async () => {
    const { containers } = await cri.listContainers({
      filter: { labelSelector: {}, state: { state: 'CONTAINER_RUNNING' } },
    });
    const stats = await until('memory is measured', async () => {
      const { stats: found } = await cri.containerStats({ containerId: containers[0]!.id });
      return found?.memory?.workingSetBytes ? found : undefined;
    });
    assert.ok(stats.memory!.workingSetBytes! > 500_000);
    assert.ok(stats.cpu!.usageCoreNanoSeconds! > 0);
    const { imageFilesystems } = await cri.imageFsInfo({});
    assert.match(imageFilesystems[0]?.fsId?.mountpoint ?? '', /snapshotter/);
  });

  test('removeContainerd leaves nothing of running pods', async () => {
    const { containers } = await cri.listContainers({});
    const { items } = await cri.listPodSandbox({});
    const ids = [...containers, ...items].map(({ id }) => id);
    assert.equal(ids.length, 2);
    await removeContainerd(deps());
    await assertGone('node', ids);
    assert.deepEqual(await readdir(`/sys/class/net/${bridge}/brif`), []);
    await removeContainerd(deps()); // And is content with that.
  });

  test('removeContainerd leaves nothing where containerd and some shims are dead', async () => {
    containerd = await startContainerd(deps(), options());
    await cri.pullImage({ image: { image: 'docker.io/library/busybox:latest' } });
    const ids: string[] = [];
    for (const name of ['one', 'two']) {
      const config = {
        metadata: { name },
        image: { image: 'busybox' },
        command: ['sleep', '1000'],
        logPath: `${name}.log`,
      };
      ids.push(...(await runContainer(sandboxConfig(name, 'POD'), config)));
    }
    process.kill(containerd.process.pid, 'SIGKILL');
    const shims = (await listProcesses()).filter(({ commandLine }) => commandLine.includes(containerd.paths.socket));
    assert.equal(shims.length, 2);
    process.kill(shims[0]!.pid, 'SIGKILL');
    await removeContainerd(deps());
    await assertGone('node', ids);
  });

  test('startContainerd runs a node in a network namespace of its own, and without overlays', async (context) => {
    // Overlays do not go on top of an overlay, which is what a node inside a container meets.
    const inner = join(directory, 'inner');
    const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(directory, name));
    for (const path of [inner, lower!, upper!, work!]) await mkdir(path);
    await run('mount', [
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
      inner,
    ]);
    const namespace = `t8s-e2e-${tag}`;
    await run('ip', ['netns', 'add', namespace]);
    context.after(async () => {
      await removeContainerd(deps('inner'));
      await run('umount', [inner]);
      await run('ip', ['netns', 'delete', namespace]);
    });
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    const node = await startContainerd(deps('inner'), { ...options(), networkNamespace: `/run/netns/${namespace}` });
    assert.equal(node.snapshotter, 'native');
    await node.importImage(await busyboxArchive());
    const outer = cri;
    cri = connectCri({ endpoint: node.endpoint, log: silentLogger });
    context.after(async () => {
      await cri[Symbol.asyncDispose]();
      cri = outer;
    });
    const [, id] = await runContainer(sandboxConfig('inner', 'NODE'), {
      metadata: { name: 'main' },
      image: { image: 'docker.io/library/busybox:imported' },
      command: ['sleep', '1000'],
      logPath: 'main.log',
    });
    const here = await readlink('/proc/self/ns/net');
    const there = await readlink(`/proc/${node.process.pid}/ns/net`);
    assert.notEqual(there, here);
    assert.equal(await readlink(`/proc/${await pidOf(id)}/ns/net`), there);
  });

  /** Asserts that nothing on the machine bears the name of the node's directory or of one of its containers. */
  async function assertGone(name: string, ids: readonly string[]): Promise<void> {
    const path = join(directory, name);
    const bearsId = (text: string) => ids.some((id) => text.includes(id));
    assert.deepEqual(await readdir(path), []);
    assert.deepEqual(mountsBelow(await listMounts(), [path]), []);
    for (const { pid, commandLine } of await listProcesses()) {
      assert.ok(!commandLine.join(' ').includes(path), `process ${pid} still runs: ${commandLine.join(' ')}`);
      assert.ok(!(await cgroupsOf(pid)).some(bearsId), `process ${pid} is still in a container's cgroup`);
    }
    const { stdout: cgroups } = await run('find', ['/sys/fs/cgroup', '-type', 'd', '-path', `*${cgroupParent}/*`]);
    assert.equal(cgroups, '');
    const results = await readdir('/var/lib/cni/results').catch(() => []);
    assert.deepEqual(results.filter(bearsId), []);
  }

  async function busyboxArchive(): Promise<string> {
    const { buildTestImage } = await import('../../test/support/images.ts');
    const { ociArchive } = await import('./oci-image.ts');
    const path = join(directory, 'busybox.tar');
    await writeFile(path, ociArchive(await buildTestImage('busybox:latest'), 'docker.io/library/busybox:imported'));
    return path;
  }
});

/** Pods on a bridge, with addresses of a range that nothing else here uses. */
function networkList(bridge: string, subnet: string, directory: string): object {
  return {
    cniVersion: '0.4.0',
    name: bridge,
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        ipMasq: false,
        ipam: { type: 'host-local', dataDir: join(directory, 'ipam'), ranges: [[{ subnet }]] },
      },
    ],
  };
}

/** The parent of the pods' cgroups is the node agent's to remove; here that is the test. */
async function removeCgroup(path: string): Promise<void> {
  for (const { path: root, fileSystem } of await listMounts()) {
    if (!fileSystem.startsWith('cgroup')) continue;
    const isThere = await access(join(root, path)).then(
      () => true,
      () => false,
    );
    if (isThere) await run('rmdir', [join(root, path)]);
  }
}

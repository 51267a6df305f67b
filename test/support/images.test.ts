// The test images do what the manifests and tests that use them count on, shown in real containers.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { connectCri } from '../../src/cri/connect-cri.ts';
import type { ContainerConfig } from '../../src/cri/container-messages.ts';
import { startContainerd } from '../../src/cri/containerd.ts';
import type { Cri } from '../../src/cri/cri.ts';
import { ociArchive } from '../../src/cri/oci-image.ts';
import { removeContainerd } from '../../src/cri/remove-containerd.ts';
import type { PodSandboxConfig } from '../../src/cri/sandbox-messages.ts';
import { buildTestImage, TEST_IMAGES, type TestImage } from './images.ts';
import { ensureInstalled } from './system-packages.ts';

const skip = await ensureInstalled({
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
});

test('buildTestImage gives the same image every time, and another for every tag of nginx', {
  skip: skip ?? false,
}, async () => {
  const digests = new Map<TestImage, string>();
  for (const name of TEST_IMAGES) digests.set(name, (await buildTestImage(name)).manifest.digest);
  assert.equal((await buildTestImage('nginx:latest')).manifest.digest, digests.get('nginx:latest'));
  const ofNginx = TEST_IMAGES.filter((name) => name.startsWith('nginx:')).map((name) => digests.get(name));
  assert.equal(new Set(ofNginx).size, ofNginx.length);
});

describe('test images', { skip: skip ?? false }, () => {
  const tag = randomBytes(3).toString('hex');
  let directory: string;
  let cri: Cri;
  let pods = 0;
  const deps = () => ({
    dataDir: join(directory, 'data'),
    runDir: join(directory, 'run'),
    log: silentLogger,
    clock: systemClock,
  });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 't8s-images-'));
    const containerd = await startContainerd(deps(), { cgroupDriver: 'cgroupfs' });
    cri = connectCri({ endpoint: containerd.endpoint, log: silentLogger });
    await writeFile(join(containerd.cniConfDir, '10-alone.conflist'), JSON.stringify(aloneNetwork(directory)));
    const archive = join(directory, 'image.tar');
    for (const name of ['busybox:latest', 'nginx:alpine', 'nginx:1.7.9', 'redis:5-alpine'] as const) {
      await writeFile(archive, ociArchive(await buildTestImage(name), `docker.io/library/${name}`));
      await containerd.importImage(archive);
    }
    await until('the network is ready', async () => {
      const { status } = await cri.status({});
      return status?.conditions.every((condition) => condition.status);
    });
  });
  after(async () => {
    await cri?.[Symbol.asyncDispose]();
    await removeContainerd(deps());
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs the container in a pod of its own; returns its id and its log file. */
  async function started(image: TestImage, config: ContainerConfig = {}): Promise<{ id: string; log: string }> {
    const name = `pod-${++pods}`;
    const sandboxConfig: PodSandboxConfig = {
      metadata: { name, namespace: 'test', uid: `${name}-${tag}` },
      hostname: name,
      logDirectory: join(directory, 'logs', name),
      linux: { securityContext: { namespaceOptions: { pid: 'CONTAINER' } } },
    };
    await mkdir(sandboxConfig.logDirectory!, { recursive: true });
    const { podSandboxId } = await cri.runPodSandbox({ config: sandboxConfig });
    const { containerId } = await cri.createContainer({
      podSandboxId,
      sandboxConfig,
      config: {
        metadata: { name: 'main' },
        logPath: 'main.log',
        ...config,
        image: { image: `docker.io/library/${image}` },
      },
    });
    await cri.startContainer({ containerId });
    return { id: containerId, log: join(sandboxConfig.logDirectory!, 'main.log') };
  }

  async function exec(containerId: string, ...cmd: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await cri.execSync({ containerId, cmd, timeout: 10 });
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  const succeeds = (id: string, ...cmd: readonly string[]) =>
    until(`${cmd.join(' ')} succeeds`, () =>
      exec(id, ...cmd).then(
        (output) => ({ output }),
        () => undefined,
      ),
    );

  const exitCode = (containerId: string) =>
    until('the container ends', async () => {
      const { status } = await cri.containerStatus({ containerId });
      return status?.state === 'CONTAINER_EXITED' ? { code: status.exitCode } : undefined;
    });

  test('nginx serves its page, logs to its streams, runs hooks and quits when told', async () => {
    const { id, log } = await started('nginx:alpine');
    await succeeds(id, 'cat', '/var/run/nginx.pid');
    assert.match((await succeeds(id, 'wget', '-qO-', 'http://127.0.0.1/')).output, /Welcome to nginx!.*alpine/s);
    await exec(id, '/bin/sh', '-c', 'echo Hello from the postStart handler > /usr/share/message');
    assert.equal(await exec(id, 'cat', '/usr/share/message'), 'Hello from the postStart handler');
    await exec(id, '/usr/sbin/nginx', '-s', 'quit');
    assert.deepEqual(await exitCode(id), { code: 0 });
    const lines = await readFile(log, 'utf8');
    assert.match(lines, /stdout F 127\.0\.0\.1 - - \[.*\] "GET \/ HTTP\/1\.1" 200/);
    assert.match(lines, /stderr F .*signal 3 \(SIGQUIT\)/);
  });

  test('nginx reads the configuration that is mounted over its own', async () => {
    const conf = join(directory, 'conf.d');
    await mkdir(conf);
    await writeFile(join(conf, 'x.conf'), 'server { listen 80; location = /ready { return 200 "I am ready"; } }\n');
    const { id } = await started('nginx:alpine', { mounts: [{ containerPath: '/etc/nginx/conf.d', hostPath: conf }] });
    assert.equal((await succeeds(id, 'wget', '-qO-', 'http://127.0.0.1/ready')).output, 'I am ready');
  });

  test('nginx runs by a command of its own in a directory of its own, within 256 MiB', async () => {
    const { id } = await started('nginx:1.7.9', {
      command: ['nginx', '-g', 'daemon off;'],
      workingDir: '/usr/share/nginx/html',
      linux: { resources: { memoryLimitInBytes: 256 * 1024 * 1024, cpuQuota: 20_000, cpuPeriod: 100_000 } },
    });
    assert.match((await succeeds(id, 'wget', '-qO-', 'http://127.0.0.1/index.html')).output, /1\.7\.9/);
    assert.equal(await exec(id, 'printenv', 'NGINX_VERSION'), '1.7.9');
    await cri.stopContainer({ containerId: id, timeout: 10 });
    assert.deepEqual(await exitCode(id), { code: 0 });
  });

  test('redis answers, keeps data and is open to other pods', async () => {
    const { id } = await started('redis:5-alpine');
    assert.equal((await succeeds(id, 'redis-cli', 'ping')).output, 'PONG');
    assert.equal(await exec(id, 'redis-cli', 'set', 'key', 'value'), 'OK');
    assert.equal(
      await exec(id, 'sh', '-c', 'redis-cli -h "$(ip -4 -o addr show eth0 | grep -o "10[.0-9]*" | head -n 1)" get key'),
      'value',
    );
    assert.equal(await exec(id, 'redis-cli', 'save'), 'OK');
    assert.equal(await exec(id, 'ls', '/data'), 'dump.rdb');
  });

  test('busybox has its tools, differs from nginx and ends at once where it has nothing to do', async () => {
    const { id } = await started('busybox:latest', { command: ['sleep', '1000'] });
    assert.equal(await exec(id, 'sh', '-c', 'echo a b | awk "{print \\$2}" | tr b c'), 'c');
    assert.match(await exec(id, 'cat', '/etc/os-release'), /^ID=busybox/);
    for (const tool of ['wget', 'nslookup', 'nc', 'vi', 'ping', 'ip', 'tar', 'httpd']) await exec(id, 'which', tool);
    const idle = await started('busybox:latest');
    assert.deepEqual(await exitCode(idle.id), { code: 0 });
  });
});

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await delay(30);
  }
}

/** An address for every pod and no way to any other: both ends of a link stay in the pod. */
function aloneNetwork(directory: string): object {
  const ipam = { type: 'host-local', dataDir: join(directory, 'ipam'), ranges: [[{ subnet: '10.214.77.0/24' }]] };
  return { cniVersion: '0.4.0', name: 'alone', plugins: [{ type: 'ptp', ipam }] };
}

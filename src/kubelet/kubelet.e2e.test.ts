// The node agent with real containers: needs Linux and root, installs containerd where it is missing.

import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { installNodeTools, type KubeletNode, kubeletNode, NODE_NAME } from '../../test/support/kubelet-node.ts';
import { isReady, namespace, nodePods, shell, until, untilTold } from '../../test/support/node-pods.ts';
import { Lease } from '../api/coordination/lease.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { listMounts, mountsBelow } from '../cri/mount-table.ts';

const skip = await installNodeTools();

describe('kubelet', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, get, podWhen, whenReady, remove, isGone, eventsOf, ask, exec, output } = nodePods(() => node);

  describe('pods', { concurrency: 4 }, () => {
    test('the node registers itself and renews its lease', async () => {
      const registered = await until('the node is ready', async () => {
        const found = await node.client.get(Node, { name: NODE_NAME }).catch(() => undefined);
        return found?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') && found;
      });
      assert.equal(registered.status.nodeInfo.kubeletVersion, 'v1.36.0');
      assert.match(registered.status.nodeInfo.containerRuntimeVersion, /^containerd:\/\/\d/);
      assert.equal(registered.metadata.labels?.['kubernetes.io/hostname'], NODE_NAME);
      const lease = await until('there is a lease', () =>
        node.client.get(Lease, { name: NODE_NAME, namespace: 'kube-node-lease' }).catch(() => undefined),
      );
      assert.equal(lease.spec.holderIdentity, NODE_NAME);
    });

    test('a pod runs to its end', async () => {
      await create('done', { restartPolicy: 'Never', containers: [shell('echo out; echo err >&2; exit 0')] });
      const { status } = await podWhen('done', 'succeeds', (pod) => pod.status.phase === 'Succeeded');
      const [main] = status.containerStatuses ?? [];
      assert.equal(main?.state?.terminated?.reason, 'Completed');
      assert.equal(main?.restartCount, 0);
      assert.match(main?.imageID ?? '', /busybox@sha256:/);
      assert.match(status.podIP ?? '', /^10\./);
      const { text } = await ask(`/containerLogs/${namespace}/done/main`);
      assert.deepEqual(text.trim().split('\n').sort(), ['err', 'out']);
      const reasons = (
        await until('the events are written', async () => {
          const events = await eventsOf('done');
          return events.some(({ reason }) => reason === 'Started') && events;
        })
      ).map(({ reason }) => reason);
      for (const reason of ['Pulled', 'Created', 'Started']) assert.ok(reasons.includes(reason), reason);
    });

    test('a pod that fails says how, with its last words', async () => {
      await create('failed', {
        restartPolicy: 'Never',
        containers: [shell('echo "no luck" > /dev/termination-log; exit 3')],
      });
      const { status } = await podWhen('failed', 'fails', (pod) => pod.status.phase === 'Failed');
      const end = status.containerStatuses?.[0]?.state?.terminated;
      assert.deepEqual([end?.exitCode, end?.reason, end?.message], [3, 'Error', 'no luck\n']);
      await create('silent', {
        restartPolicy: 'Never',
        containers: [shell('echo from the log; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' })],
      });
      const silent = await podWhen('silent', 'fails', (pod) => pod.status.phase === 'Failed');
      assert.equal(silent.status.containerStatuses?.[0]?.state?.terminated?.message, 'from the log\n');
    });

    test('OnFailure starts a container again at once, then backs off', async () => {
      const spec = { restartPolicy: 'OnFailure', volumes: [{ name: 'state', emptyDir: {} }] } as const;
      const mounts = { volumeMounts: [{ name: 'state', mountPath: '/state' }] };
      await create('again', {
        ...spec,
        containers: [shell('echo x >> /state/runs; [ $(wc -l < /state/runs) -ge 2 ]', mounts)],
      });
      const { status } = await podWhen('again', 'succeeds', (pod) => pod.status.phase === 'Succeeded');
      assert.equal(status.containerStatuses?.[0]?.restartCount, 1);
      assert.equal(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 1);

      await create('loop', { containers: [shell('exit 7')] });
      const loop = await podWhen(
        'loop',
        'backs off',
        ({ status: { containerStatuses } }) => containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      );
      const [main] = loop.status.containerStatuses ?? [];
      assert.match(
        main?.state?.waiting?.message ?? '',
        /^back-off 10s restarting failed container=main pod=loop_default\(/,
      );
      assert.deepEqual([main?.lastState?.terminated?.exitCode, main?.restartCount], [7, 1]);
      assert.equal(loop.status.phase, 'Running');
      const { text } = await ask(`/containerLogs/${namespace}/loop/main?previous=true`);
      assert.equal(text, '');
    });

    test('init containers pass one after the other, sidecars stay and end last', async () => {
      const mounts = { volumeMounts: [{ name: 'state', mountPath: '/state' }] };
      await create('order', {
        restartPolicy: 'Never',
        volumes: [{ name: 'state', emptyDir: {} }],
        initContainers: [
          shell('echo one >> /state/log', { ...mounts, name: 'one' }),
          shell(
            `echo side >> /state/log; trap 'echo side ends >> /state/log; exit 0' TERM; touch /state/up; while :; do sleep 0.05; done`,
            {
              ...mounts,
              name: 'side',
              restartPolicy: 'Always',
              startupProbe: { exec: { command: ['test', '-e', '/state/up'] }, periodSeconds: 1 },
            },
          ),
          shell('echo two >> /state/log', { ...mounts, name: 'two' }),
        ],
        containers: [shell('echo main >> /state/log; cat /state/log', mounts)],
      });
      const { status } = await podWhen('order', 'succeeds', (pod) => pod.status.phase === 'Succeeded');
      const { text } = await ask(`/containerLogs/${namespace}/order/main`);
      assert.deepEqual(text.trim().split('\n'), ['one', 'side', 'two', 'main']);
      assert.deepEqual(
        status.initContainerStatuses?.map(({ name, ready, state }) => [name, ready, state?.terminated?.exitCode]),
        [
          ['one', true, 0],
          ['side', false, 0],
          ['two', true, 0],
        ],
      );
    });

    test('an image that is not there, and one that must not be pulled, keep a pod waiting', async () => {
      await create('nowhere', { containers: [shell(':', { image: 'missing:1' })] });
      await create('unpulled', { containers: [shell(':', { image: 'missing:2', imagePullPolicy: 'Never' })] });
      await create('misspelt', { containers: [shell(':', { image: 'Missing:3' })] });
      const reasonIs =
        (...reasons: readonly string[]) =>
        (pod: Pod) =>
          reasons.includes(pod.status.containerStatuses?.[0]?.state?.waiting?.reason ?? '');
      const { status } = await podWhen('nowhere', 'is not pulled', reasonIs('ErrImagePull', 'ImagePullBackOff'));
      assert.equal(status.phase, 'Pending');
      await podWhen('unpulled', 'may not pull', reasonIs('ErrImageNeverPull'));
      await podWhen('misspelt', 'has no such name', reasonIs('InvalidImageName'));
      const { status: code, text } = await ask(`/containerLogs/${namespace}/unpulled/main`);
      assert.equal(code, 400);
      assert.equal(text, 'container "main" in pod "unpulled" is waiting to start: ErrImageNeverPull');
      for (const name of ['nowhere', 'unpulled', 'misspelt']) await remove(name);
      await until('they are gone', async () =>
        (await Promise.all(['nowhere', 'unpulled', 'misspelt'].map(isGone))).every(Boolean),
      );
    });

    test('a failing liveness probe restarts the container, and no other', async () => {
      await create('sick', {
        containers: [
          shell(untilTold('touch /tmp/well; (sleep 1; rm -f /tmp/well) & sleep 0.2'), {
            livenessProbe: { exec: { command: ['cat', '/tmp/well'] }, periodSeconds: 1, failureThreshold: 1 },
          }),
          shell(untilTold(), { name: 'other' }),
        ],
      });
      const { status } = await podWhen('sick', 'is restarted', (pod) =>
        pod.status.containerStatuses?.some(
          ({ restartCount, state }) => restartCount > 0 && state?.running !== undefined,
        ),
      );
      assert.deepEqual(
        status.containerStatuses?.map(({ name, restartCount }) => [name, restartCount > 0]),
        [
          ['main', true],
          ['other', false],
        ],
      );
      const messages = (
        await until('it is told', async () => {
          const events = await eventsOf('sick');
          return (
            events.some(({ reason }) => reason === 'Killing') &&
            events.some(({ reason }) => reason === 'Unhealthy') &&
            events
          );
        })
      ).map(({ message }) => message ?? '');
      assert.ok(
        messages.some((message) => message.startsWith("Liveness probe failed: cat: can't open '/tmp/well'")),
        messages.join('\n'),
      );
      assert.ok(messages.includes('Container main failed liveness probe, will be restarted'), messages.join('\n'));
    });

    test('readiness goes by its probe, once the container has started up', async () => {
      await create('slow', {
        containers: [
          shell(untilTold(), {
            startupProbe: { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 60 },
            readinessProbe: { exec: { command: ['test', '-e', '/tmp/in'] }, periodSeconds: 1 },
          }),
        ],
      });
      const begun = await podWhen('slow', 'runs', ({ status }) => status.phase === 'Running');
      assert.deepEqual([begun.status.containerStatuses?.[0]?.started, isReady(begun)], [false, false]);
      await output('slow', 'touch /tmp/up');
      const started = await podWhen('slow', 'has started', ({ status }) => status.containerStatuses?.[0]?.started);
      assert.equal(isReady(started), false);
      await output('slow', 'touch /tmp/in');
      await whenReady('slow');
      await output('slow', 'rm /tmp/in');
      const out = await podWhen('slow', 'is out', (pod) => !isReady(pod));
      assert.equal(out.status.containerStatuses?.[0]?.restartCount, 0);
    });

    test('an HTTP and a TCP probe reach the pod by a named port', async () => {
      const port = { name: 'web', containerPort: 80 };
      await create('web', {
        containers: [
          {
            ...{ name: 'main', image: 'echo:latest', imagePullPolicy: 'IfNotPresent', ports: [port] },
            readinessProbe: { httpGet: { path: '/', port: 'web' }, periodSeconds: 1 },
            livenessProbe: { tcpSocket: { port: 'web' }, periodSeconds: 1 },
          },
        ],
      });
      const { status } = await whenReady('web');
      assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
    });

    test('limits are in the cgroups of pod and container', async () => {
      await create('limited', {
        containers: [
          shell(untilTold(), {
            resources: { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
          }),
        ],
      });
      const { status, metadata } = await whenReady('limited');
      assert.equal(status.qosClass, 'Burstable');
      const id = status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
      const pod = `${node.cgroupRoot}/kubepods/burstable/pod${metadata.uid}`;
      for (const group of [pod, `${pod}/${id}`]) {
        assert.deepEqual(await limitsOf(group), { quota: 50_000, memory: 64 * 1024 * 1024 });
      }
    });

    test('the figures of what is used: counters that grow, and memory', async () => {
      await create('busy', { containers: [shell(`trap 'exit 0' TERM; while :; do :; done`)] });
      await whenReady('busy');
      const cpuSeconds = async () => {
        const { status, text } = await ask('/metrics/resource');
        assert.equal(status, 200);
        assert.match(text, /^resource_scrape_error 0$/m);
        const labels = `container="main",namespace="${namespace}",pod="busy"`;
        const of = (name: string) =>
          Number(new RegExp(`^${name}\\{${labels}\\} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
        assert.ok(of('container_memory_working_set_bytes') > 0, text);
        assert.ok(of('container_start_time_seconds') > 0, text);
        assert.match(text, new RegExp(`^pod_cpu_usage_seconds_total\\{namespace="${namespace}",pod="busy"\\} `, 'm'));
        assert.match(text, /^node_cpu_usage_seconds_total \d/m);
        return of('container_cpu_usage_seconds_total');
      };
      const first = await cpuSeconds();
      await until('it has used more CPU time', async () => (await cpuSeconds()) > first);
      const { text } = await ask('/stats/summary');
      const { node: machine, pods } = JSON.parse(text);
      assert.equal(machine.nodeName, NODE_NAME);
      assert.ok(machine.memory.workingSetBytes > 0 && machine.fs.capacityBytes > 0, text);
      const busy = pods.find(({ podRef }: { podRef: { name: string } }) => podRef.name === 'busy');
      assert.ok(busy.cpu.usageCoreNanoSeconds > 0 && busy.memory.workingSetBytes > 0, text);
      assert.equal(busy.containers[0].name, 'main');
      await remove('busy', 0);
    });

    test('logs: tail, time, limit, one stream, following to the end', async () => {
      await create('talks', {
        restartPolicy: 'Never',
        containers: [
          shell(
            'for i in 1 2 3; do echo out $i; echo err $i >&2; done; until [ -e /tmp/go ]; do sleep 0.1; done; echo last',
          ),
        ],
      });
      await until('it has spoken', async () =>
        (await ask(`/containerLogs/${namespace}/talks/main`)).text.includes('err 3'),
      );
      const log = async (query: string) => (await ask(`/containerLogs/${namespace}/talks/main?${query}`)).text;
      const followed = log('follow=true');
      assert.equal((await log('tailLines=2')).trim().split('\n').length, 2);
      assert.equal(await log('limitBytes=5&stream=Stdout'), 'out 1'.slice(0, 5));
      assert.equal(await log('stream=Stderr'), 'err 1\nerr 2\nerr 3\n');
      assert.match(
        await log('timestamps=true&tailLines=1'),
        /^\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d) (out|err) 3\n$/,
      );
      assert.equal(await log('sinceTime=2999-01-01T00:00:00Z'), '');
      await output('talks', 'touch /tmp/go');
      assert.equal((await followed).trim().split('\n').at(-1), 'last');
      assert.deepEqual(await ask(`/containerLogs/${namespace}/talks/nobody`), {
        status: 404,
        text: 'container nobody not found in pod talks_default',
      });
      assert.equal((await ask(`/containerLogs/${namespace}/talks/main?tailLines=-1`)).status, 400);
      assert.equal((await ask(`/containerLogs/%zz/talks/main`)).status, 400);
    });

    test('exec: output, exit code, and input of any length to its end', async () => {
      await create('exec', {});
      await whenReady('exec');
      const failed = await exec('exec', ['sh', '-c', 'echo out; echo err >&2; exit 4']);
      assert.deepEqual([failed.stdout, failed.stderr], ['out\n', 'err\n']);
      const { details, reason } = JSON.parse(failed.status);
      assert.deepEqual([reason, details.causes], ['NonZeroExitCode', [{ reason: 'ExitCode', message: '4' }]]);
      const much = Buffer.alloc(3_000_000, 'typernetes ');
      const { stdout } = await exec('exec', ['sh', '-c', 'wc -c; echo done'], { stdin: much });
      assert.equal(stdout, '3000000\ndone\n');
      const { stdout: back } = await exec('exec', ['cat'], { stdin: much.subarray(0, 500_000) });
      assert.equal(back.length, 500_000);
    });

    test('postStart runs before the next container, preStop before the signal, and all within the grace period', async () => {
      const mounts = { volumeMounts: [{ name: 'state', mountPath: '/state' }] };
      const hostPath = join(node.dataDir, 'hooks');
      await create('hooks', {
        terminationGracePeriodSeconds: 10,
        volumes: [{ name: 'state', hostPath: { path: hostPath, type: 'DirectoryOrCreate' } }],
        containers: [
          shell(`trap 'echo term >> /state/log; exit 0' TERM; while :; do sleep 0.05; done`, {
            ...mounts,
            lifecycle: {
              postStart: { exec: { command: ['sh', '-c', 'sleep 0.5; echo post >> /state/log'] } },
              preStop: { exec: { command: ['sh', '-c', 'sleep 0.5; echo pre >> /state/log'] } },
            },
          }),
          shell(`echo next >> /state/log; ${untilTold()}`, { ...mounts, name: 'next' }),
        ],
      });
      await whenReady('hooks');
      await remove('hooks');
      await until('it is gone', () => isGone('hooks'));
      assert.deepEqual((await readFile(join(hostPath, 'log'), 'utf8')).trim().split('\n'), [
        'post',
        'next',
        'pre',
        'term',
      ]);
    });

    test('what does not end by itself is killed when the grace period is over', async () => {
      await create('stubborn', {
        terminationGracePeriodSeconds: 2,
        containers: [shell(`trap '' TERM; while :; do sleep 0.05; done`)],
      });
      await whenReady('stubborn');
      const since = performance.now();
      await remove('stubborn');
      await until('it is gone', () => isGone('stubborn'));
      const tookMs = performance.now() - since;
      assert.ok(tookMs > 1_800 && tookMs < 8_000, `${tookMs} ms`);
    });

    test('a grace period that is cut short counts at once', async () => {
      await create('hurried', {
        terminationGracePeriodSeconds: 600,
        containers: [shell(`trap '' TERM; while :; do sleep 0.05; done`)],
      });
      await whenReady('hurried');
      await remove('hurried');
      await podWhen('hurried', 'is told to end', ({ metadata }) => metadata.deletionTimestamp !== undefined);
      await remove('hurried', 1);
      await until('it is gone', () => isGone('hurried'));
    });

    test('a deadline ends a pod and leaves it to be read', async () => {
      await create('late', { activeDeadlineSeconds: 1 });
      const { status } = await podWhen('late', 'fails', (pod) => pod.status.phase === 'Failed');
      assert.deepEqual(
        [status.reason, status.message],
        ['DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
      );
      assert.ok(status.containerStatuses?.[0]?.state?.terminated);
    });

    test('a user that must not be root is not', async () => {
      await create('root', { securityContext: { runAsNonRoot: true } });
      const { status } = await podWhen(
        'root',
        'is refused',
        (pod) => pod.status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
      );
      assert.match(
        status.containerStatuses?.[0]?.state?.waiting?.message ?? '',
        /^container has runAsNonRoot and image will run as root/,
      );
    });

    test('/etc/hosts, the host name and /etc/resolv.conf are the pod’s', async () => {
      await create('named', {
        hostname: 'me',
        subdomain: 'team',
        hostAliases: [{ ip: '192.0.2.7', hostnames: ['seven', 'sieben'] }],
      });
      const { status } = await whenReady('named');
      const hosts = await output('named', 'cat /etc/hosts');
      assert.match(hosts, new RegExp(`^${status.podIP}\tme.team.default.svc.cluster.local\tme$`, 'm'));
      assert.match(hosts, /^192\.0\.2\.7\tseven\tsieben$/m);
      assert.equal(await output('named', 'hostname'), 'me');
      assert.match(
        await output('named', 'cat /etc/resolv.conf'),
        /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m,
      );
    });
  });

  describe('the agent', () => {
    const containerIdOf = (pod: Pod) => pod.status.containerStatuses?.[0]?.containerID;

    test('restarts without touching containers, and without a pod becoming unready', async () => {
      await create('steady', {
        containers: [shell(untilTold(), { readinessProbe: { exec: { command: ['true'] }, periodSeconds: 10 } })],
      });
      const old = await whenReady('steady');
      const finished = await get('failed');
      await node.stopAgent();
      await node.startAgent();
      const registered = await until('the node is reported', async () => node.agent().node());
      assert.equal(registered.metadata.name, NODE_NAME);
      await create('fresh', {});
      await whenReady('fresh'); // By now the agent has looked at the others, too.
      const steady = await get('steady');
      assert.equal(containerIdOf(steady), containerIdOf(old));
      assert.deepEqual(steady.status, old.status);
      assert.deepEqual((await get('failed')).status, finished.status);
    });

    test('survives kill -9 of containerd, and so do the containers', async () => {
      const before = await get('steady');
      const watch = new AbortController();
      const kept = node.containerd.keepRunning({ signal: watch.signal });
      process.kill(node.containerd.process.pid, 'SIGKILL');
      await create('survivor', {});
      await whenReady('survivor');
      watch.abort();
      await kept;
      assert.equal(containerIdOf(await get('steady')), containerIdOf(before));
      assert.equal(await output('steady', 'echo alive'), 'alive');
    });

    test('ends what was deleted while it was away', async () => {
      await create('orphan', { volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] });
      const { metadata } = await whenReady('orphan');
      await node.stopAgent();
      await remove('orphan', 0);
      assert.equal(await isGone('orphan'), true);
      await node.startAgent();
      const labelSelector = { 'io.kubernetes.pod.uid': metadata.uid };
      await until('nothing is left of it', async () => {
        const { items } = await node.cri.listPodSandbox({ filter: { labelSelector } });
        const { containers } = await node.cri.listContainers({ filter: { labelSelector } });
        return items.length + containers.length === 0 && !(await exists(join(node.dataDir, 'pods', metadata.uid)));
      });
    });

    test('replaces the sandbox when it dies, and starts the containers in the new one', async () => {
      const old = await get('fresh');
      const { items } = await node.cri.listPodSandbox({
        filter: { labelSelector: { 'io.kubernetes.pod.uid': old.metadata.uid } },
      });
      await node.cri.stopPodSandbox({ podSandboxId: items[0]!.id });
      const { status } = await podWhen(
        'fresh',
        'runs again',
        (pod) => isReady(pod) && containerIdOf(pod) !== containerIdOf(old),
      );
      // The stop ends the container first: when the agent is quick it starts it once more before the sandbox goes.
      assert.ok([1, 2].includes(status.containerStatuses?.[0]?.restartCount ?? 0));
    });

    test('writes nothing while nothing happens', async () => {
      await until('all is quiet', async () => {
        const seen = (await get('steady')).metadata.resourceVersion;
        await delay(1_500);
        return (await get('steady')).metadata.resourceVersion === seen;
      });
    });

    test('leaves nothing when all pods are deleted', async () => {
      const { items } = await node.client.list(Pod, { namespace });
      for (const { metadata } of items) await remove(metadata.name);
      await until('all are gone', async () => (await node.client.list(Pod, { namespace })).items.length === 0);
      await until('nothing is left on disk', async () => {
        const left = [...(await readdir(join(node.dataDir, 'pods'))), ...(await readdir(join(node.dataDir, 'logs')))];
        return left.length === 0;
      });
      assert.equal((await node.cri.listPodSandbox({})).items.length, 0);
      assert.equal((await node.cri.listContainers({})).containers.length, 0);
      assert.deepEqual(mountsBelow(await listMounts(), [node.dataDir]), []);
      for (const hierarchy of await hierarchies()) {
        const kubepods = join(hierarchy, node.cgroupRoot, 'kubepods');
        for (const name of ['', 'burstable', 'besteffort']) {
          const groups = await readdir(join(kubepods, name)).catch(() => []);
          assert.deepEqual(
            groups.filter((group) => group.startsWith('pod')),
            [],
            join(kubepods, name),
          );
        }
      }
      const complaints = node.complaints
        .filter(({ level }) => level === 'error')
        .map(({ message, fields }) => `${message} ${fields['error']}`);
      assert.deepEqual(complaints, []);
    });
  });
});

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The places where cgroups are mounted. */
async function hierarchies(): Promise<readonly string[]> {
  return (await listMounts()).filter(({ fileSystem }) => fileSystem.startsWith('cgroup')).map(({ path }) => path);
}

/** What the kernel holds a group to, whichever version of its interface there is. */
async function limitsOf(group: string): Promise<{ readonly quota: number; readonly memory: number }> {
  const unified = await exists('/sys/fs/cgroup/cgroup.controllers');
  const read = async (controller: string, file: string) =>
    (await readFile(join('/sys/fs/cgroup', unified ? '' : controller, group, file), 'utf8')).trim();
  return {
    quota: Number((await read('cpu', unified ? 'cpu.max' : 'cpu.cfs_quota_us')).split(' ')[0]),
    memory: Number(await read('memory', unified ? 'memory.max' : 'memory.limit_in_bytes')),
  };
}

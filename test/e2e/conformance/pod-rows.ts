// What the specification's rows say of the containers of a pod together, their lives and their probes, where no test of the
// suite shows it. Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { readFile, readlink } from 'node:fs/promises';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Service } from '../../../src/api/core/service.ts';
import { EndpointSlice } from '../../../src/api/discovery/endpoint-slice.ts';
import type { ProcessInfo } from '../../../src/cri/process-table.ts';
import { firstProcessOf, processesIn } from '../../support/container-process.ts';
import type { ContainerInput } from '../../support/kubelet-objects.ts';
import { askServer, conditionOf, isReady, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

export function podRowTests(conformance: Conformance): void {
  conformance(
    'LC-002 LC-005 LC-006 LC-007 LC-008 LC-009 LC-012 LC-013 LC-019 containers begin in order, in the network of one pod',
    onePod,
  );
  conformance(
    'LC-011 LC-029 ND-001 ND-016 a container is made anew, and all of them when the pod has lost its own',
    madeAnew,
  );
  conformance('LC-017 LC-018 NO-011 replicas are alike, and none comes back as it was', replicas);
  conformance('LC-033 a container whose first hook fails is ended', hookFails);
  conformance('PB-001 PB-003 PB-022 the three probes of the specification are taken as they are', threeProbes);
  conformance('PB-002 a container that does not come up is started again, and asked for nothing else', neverUp);
  conformance('PB-005 PB-009 ND-015 LC-035 LC-036 traffic goes to pods that are ready and do not end', traffic);
  conformance('PB-010 PB-015 PB-019 an answer in time of less than 400 is a good one', answers);
  conformance('PB-020 PB-021 what runs and is ill is started again', illWays);
}

async function onePod({ create, whenReady, output }: Scene): Promise<void> {
  await create('pod', {
    initContainers: ['one', 'two'].map((name) => shell('sleep 1', { name })),
    containers: [{ name: 'main', image: 'nginx:alpine' }, shell(untilTold(), { name: 'other' })],
  });
  const pod = await whenReady('pod');
  const [pause] = await processesIn(pod.metadata.uid);
  assert.equal(pause?.commandLine[0], '/pause');
  const main = await firstProcessOf(pod);
  const other = await firstProcessOf(pod, 'other');
  for (const process of [main, other]) {
    assert.equal(await networkOf(process), await networkOf(pause));
    assert.ok(process.startTicks > pause.startTicks);
  }
  assert.ok((await ticksOf(pause)) < 5, 'what holds the network does nothing');
  for (const name of ['main', 'other']) {
    assert.ok((await output('pod', 'ip -o -4 addr', name)).includes(` ${pod.status.podIP}/`), name);
  }
  assert.equal(await output('pod', 'ip link'), await output('pod', 'ip link', 'other'));
  assert.match(await output('pod', 'wget -q -O - http://localhost/', 'other'), /nginx/);

  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  const [one, two] = initContainerStatuses.map(({ state }) => state?.terminated);
  assert.deepEqual([one?.exitCode, two?.exitCode], [0, 0]);
  const begun = containerStatuses.map(({ state }) => state?.running?.startedAt ?? '');
  const times = [one?.startedAt, one?.finishedAt, two?.startedAt, two?.finishedAt, begun.toSorted()[0]];
  assert.deepEqual(times, times.toSorted());
  assert.ok(one!.finishedAt! < two!.finishedAt!);
}

const networkOf = ({ pid }: ProcessInfo) => readlink(`/proc/${pid}/ns/net`);

/** How long it has been computing. */
async function ticksOf({ pid }: ProcessInfo): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function madeAnew({ create, whenReady, podWhen }: Scene): Promise<void> {
  await create('pod', { containers: [shell(untilTold()), shell(untilTold(), { name: 'other' })] });
  const first = await whenReady('pod');
  const [pause] = await processesIn(first.metadata.uid);
  process.kill((await firstProcessOf(first)).pid, 'SIGKILL');
  const second = await podWhen('pod', 'runs again', (pod) => isReady(pod) && restartsOf(pod)[0] === 1);
  const identity = ({ metadata, status }: Pod) => [metadata.uid, status.podIP];
  assert.deepEqual(identity(second), identity(first));
  assert.deepEqual(restartsOf(second), [1, 0]);
  assert.notEqual(containersOf(second)[0], containersOf(first)[0]);
  assert.equal(containersOf(second)[1], containersOf(first)[1]);
  assert.equal((await processesIn(first.metadata.uid))[0]?.pid, pause?.pid);

  process.kill(pause!.pid, 'SIGKILL');
  const third = await podWhen('pod', 'is set up again', (pod) => {
    return isReady(pod) && containersOf(pod).every((id, index) => id !== containersOf(second)[index]);
  });
  assert.equal(third.metadata.uid, first.metadata.uid);
  const [pauseNow] = await processesIn(first.metadata.uid);
  assert.notEqual(pauseNow?.pid, pause?.pid);
  assert.equal(pauseNow?.commandLine[0], '/pause');
}

const restartsOf = ({ status }: Pod) => status.containerStatuses?.map(({ restartCount }) => restartCount) ?? [];
const containersOf = ({ status }: Pod) => status.containerStatuses?.map(({ containerID }) => containerID) ?? [];

async function replicas({ client, namespace }: Scene): Promise<void> {
  const labels = { app: 'web' };
  await client.create(ReplicaSet, {
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [shell(untilTold())] } },
    },
  });
  const uids = new Set<string>();
  const pair = () =>
    until('two are ready', async () => {
      const { items } = await client.list(Pod, { namespace, labelSelector: 'app=web' });
      for (const { metadata } of items) uids.add(metadata.uid);
      return items.length === 2 && items.every((pod) => isReady(pod) && !pod.metadata.deletionTimestamp) && items;
    });
  const [one, two] = await pair();
  const { name, uid } = one!.metadata;
  assert.deepEqual(templateOf(one!), templateOf(two!));
  await client.delete(Pod, { name, namespace });
  const now = (await pair()).map(({ metadata }) => metadata);
  assert.equal(uids.size, 3);
  assert.ok(now.every((metadata) => metadata.uid !== uid && metadata.name !== name));
}

/** What replicas have in common: all but their nodes and the names of their tokens' volumes. */
function templateOf({ spec: { nodeName: _, ...spec } }: Pod): unknown {
  return JSON.parse(JSON.stringify(spec).replaceAll(/kube-api-access-[a-z0-9]+/g, 'kube-api-access'));
}

async function hookFails({ create, podWhen, eventsOf }: Scene): Promise<void> {
  const lifecycle = { postStart: { exec: { command: ['false'] } } };
  await create('pod', { containers: [shell(untilTold(), { lifecycle })] });
  await podWhen('pod', 'is started again', (pod) => (restartsOf(pod)[0] ?? 0) > 0);
  await until('it is told', async () => (await eventsOf('pod')).some(({ reason }) => reason === 'FailedPostStartHook'));
}

async function threeProbes({ create, get }: Scene): Promise<void> {
  const probes = {
    livenessProbe: {
      failureThreshold: 5,
      initialDelaySeconds: 60,
      periodSeconds: 10,
      httpGet: { path: '/health', port: 8080 },
    },
    readinessProbe: { httpGet: { path: '/ready', port: 8181 } },
    startupProbe: { httpGet: { path: '/api/startup', port: 80 } },
  };
  await create('pod', { nodeSelector: { 'kubernetes.io/hostname': 'none' }, containers: [shell('', probes)] });
  const [main] = (await get('pod')).spec.containers;
  const defaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  for (const [name, { httpGet, ...probe }] of Object.entries(probes)) {
    const taken = main?.[name as keyof typeof probes];
    assert.deepEqual(taken, { ...defaults, ...probe, httpGet: { ...httpGet, scheme: 'HTTP' } }, name);
  }
}

async function neverUp({ create, podWhen, output }: Scene): Promise<void> {
  const mounts = { volumeMounts: [{ name: 'probed', mountPath: '/probed' }] };
  const probe = (command: string) => ({
    exec: { command: ['sh', '-c', command] },
    periodSeconds: 1,
    failureThreshold: 1,
  });
  await create('pod', {
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'probed', emptyDir: {} }],
    containers: [
      shell(untilTold(), {
        ...mounts,
        startupProbe: probe('echo startup >> /probed/all; false'),
        livenessProbe: probe('echo liveness >> /probed/all'),
        readinessProbe: probe('echo readiness >> /probed/all'),
      }),
      shell(untilTold(), { ...mounts, name: 'other' }),
    ],
  });
  const pod = await podWhen('pod', 'is started twice again', (now) => (restartsOf(now)[0] ?? 0) > 1);
  assert.equal(isReady(pod), false);
  assert.equal(pod.status.containerStatuses?.[0]?.ready, false);
  assert.equal(await output('pod', 'sort -u /probed/all', 'other'), 'startup');
}

async function traffic(scene: Scene): Promise<void> {
  const { client, namespace, create, get, whenReady, podWhen, remove, output } = scene;
  const labels = { app: 'web' };
  await client.create(Service, {
    metadata: { name: 'web', namespace },
    spec: { selector: labels, ports: [{ port: 8080 }] },
  });
  const readinessProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 1 };
  // Deaf to the signal: it ends when its time is over.
  const container = shell(`trap '' TERM; httpd -p 8080 -h /etc; while :; do sleep 1; done`, { readinessProbe });
  await create('web', { terminationGracePeriodSeconds: 4, containers: [container] }, { labels });
  await whenReady('web');
  await endpointIs(scene, { ready: true, terminating: false });
  await output('web', 'killall -KILL httpd');
  const ill = await podWhen('web', 'is not ready', (pod) => !isReady(pod));
  const [main] = ill.status.containerStatuses ?? [];
  assert.deepEqual([main?.ready, main?.restartCount, main?.state?.running !== undefined], [false, 0, true]);
  await endpointIs(scene, { ready: false, terminating: false });
  await output('web', 'httpd -p 8080 -h /etc');
  await endpointIs(scene, { ready: true, terminating: false });
  assert.equal(conditionOf(await get('web'), 'Ready')?.reason, undefined);

  await remove('web');
  await endpointIs(scene, { ready: false, terminating: true });
  const { metadata, status } = await get('web');
  assert.equal(metadata.deletionGracePeriodSeconds, 4);
  assert.ok(metadata.deletionTimestamp !== undefined && status.containerStatuses?.[0]?.state?.running);
}

function endpointIs(
  { client, namespace }: Scene,
  expected: { readonly ready: boolean; readonly terminating: boolean },
) {
  return until(`the endpoint is ${JSON.stringify(expected)}`, async () => {
    const { items } = await client.list(EndpointSlice, { namespace, labelSelector: 'kubernetes.io/service-name=web' });
    const conditions = items.flatMap(({ endpoints = [] }) => endpoints)[0]?.conditions;
    return conditions?.ready === expected.ready && (conditions.terminating ?? false) === expected.terminating;
  });
}

/** Their figures are looked at: of so many containers a node does not tell everything in events. */
async function answers({ access, namespace, create, get }: Scene): Promise<void> {
  const good = { ok: '/status/200', found: '/status/302' };
  const bad = { missing: '/status/404', broken: '/status/500', late: '/delay/3' };
  const containers = Object.entries({ ...good, ...bad }).map(([name, path], index): ContainerInput => {
    const port = 8001 + index;
    const args = [`http=${port}`, 'tcp=', 'udp=', 'grpc='];
    const readinessProbe = { httpGet: { path, port }, initialDelaySeconds: 2, periodSeconds: 1 };
    return { name, image: 'echo:latest', imagePullPolicy: 'IfNotPresent', args, readinessProbe };
  });
  await create('pod', { containers });
  const isGood = (name: string) => name in good;
  await until('all have been asked several times', async () => {
    const { spec } = await get('pod');
    const { text } = await askServer(access, `/api/v1/nodes/${spec.nodeName}/proxy/metrics/probes`);
    return containers.every(({ name }) => {
      const labels = [
        `namespace="${namespace}"`,
        `container="${name}"`,
        `result="${isGood(name) ? 'successful' : 'failed'}"`,
      ];
      const line = text.split('\n').find((each) => labels.every((label) => each.includes(label))) ?? '';
      return Number(line.slice(line.lastIndexOf(' '))) > 3;
    });
  });
  const { metadata, status } = await get('pod');
  for (const { name, ready, restartCount } of status.containerStatuses ?? []) {
    assert.deepEqual([ready, restartCount], [isGood(name), 0], name);
  }
  // Nothing else is there that could have asked them.
  const programs = (await processesIn(metadata.uid)).map(({ commandLine: [program = ''] }) =>
    program.split('/').at(-1),
  );
  assert.deepEqual(programs.sort(), ['pause', ...containers.map(() => 'perl')].sort());
}

/** A server beside the first process that has ended, and one that is there and answers no more. */
async function illWays({ create, whenReady, podWhen, output }: Scene): Promise<void> {
  const livenessProbe = (port: number) => ({ httpGet: { path: '/', port }, periodSeconds: 1, failureThreshold: 2 });
  await create('pod', {
    terminationGracePeriodSeconds: 1,
    containers: [
      shell(untilTold('echo well > /tmp/index.html; httpd -p 8081 -h /tmp'), { livenessProbe: livenessProbe(8081) }),
      {
        name: 'hung',
        image: 'echo:latest',
        args: ['http=8082', 'tcp=', 'udp=', 'grpc='],
        livenessProbe: { ...livenessProbe(8082), initialDelaySeconds: 1 },
      },
    ],
  });
  const pod = await whenReady('pod');
  await output('pod', 'killall httpd');
  process.kill((await firstProcessOf(pod, 'hung')).pid, 'SIGSTOP');
  await podWhen('pod', 'both are started again', (now) => isReady(now) && restartsOf(now).every((count) => count > 0));
}

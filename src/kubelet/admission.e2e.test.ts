// Which pods a node takes, with real containers: needs Linux and root, installs containerd where it is missing.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode, NODE_NAME } from '../../test/support/kubelet-node.ts';
import type { PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { isReady, nodePods, until, untilTold } from '../../test/support/node-pods.ts';
import { Node } from '../api/core/node.ts';
import { RuntimeClass } from '../api/node/runtime-class.ts';
import { quantityMilliValue } from '../api/quantity.ts';

const skip = await installNodeTools();

describe('admission', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const running = (resources: object = {}, command = untilTold()) => ({
    name: 'main',
    image: 'busybox:latest',
    imagePullPolicy: 'IfNotPresent' as const,
    command: ['sh', '-c', command],
    resources,
  });
  const cpu = (milli: number) => ({ requests: { cpu: `${milli}m` } });

  const { get, podWhen, whenReady, removeNow, eventsOf, ...pods } = nodePods(() => node);
  const create = (name: string, spec: Partial<PodSpecInput>) => pods.create(name, { containers: [running()], ...spec });
  const whenNode = (holds: (node: Node) => boolean) =>
    until('the node', async () => {
      const found = await node.client.get(Node, { name: NODE_NAME }).catch(() => undefined);
      return found && holds(found) && found;
    });

  const refusals: readonly (readonly [string, Partial<PodSpecInput>, string, RegExp])[] = [
    [
      'port',
      { containers: [{ ...running(), ports: [{ containerPort: 80, hostPort: 18_080 }] }] },
      'NodePorts',
      /free ports/,
    ],
    [
      'selector',
      { nodeSelector: { disk: 'ssd' } },
      'NodeAffinity',
      /^Pod was rejected: Predicate NodeAffinity failed: /,
    ],
    [
      'sysctl',
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      'SysctlForbidden',
      /kernel.msgmax/,
    ],
    ['cpu', { containers: [running(cpu(1_000_000))] }, 'OutOfcpu', /resource: cpu, requested: 1000000, used: \d+, /],
    ['system', { os: { name: 'windows' } }, 'PodOSNotSupported', /OS field/],
  ];

  test('a pod that does not fit is turned away, with an event', async () => {
    await create('holder', { containers: [{ ...running(), ports: [{ containerPort: 80, hostPort: 18_080 }] }] });
    await whenReady('holder');
    await Promise.all(
      refusals.map(async ([name, spec, reason, message]) => {
        await create(name, spec);
        const { status } = await podWhen(name, 'fails', (pod) => pod.status.phase === 'Failed');
        assert.equal(status.reason, reason);
        assert.match(status.message ?? '', message);
        assert.equal(status.containerStatuses, undefined);
        await until(`the event of ${name}`, async () => {
          return (await eventsOf(name)).some((event) => event.reason === reason);
        });
        await removeNow(name);
      }),
    );
    await removeNow('holder');
  });

  test('pods stay taken when the agent is started anew, although the node has changed', async () => {
    const labelled = (value: string | null) =>
      node.client.patch(Node, { name: NODE_NAME }, { type: 'merge', body: { metadata: { labels: { disk: value } } } });
    await labelled('ssd');
    await until('the agent knows', async () => node.agent().node()?.metadata.labels?.['disk'] === 'ssd');
    await create('stays', { nodeSelector: { disk: 'ssd' } });
    await whenReady('stays');
    await labelled(null);
    await node.stopAgent();
    await node.startAgent();
    await create('after', {});
    await whenReady('after');
    assert.ok(isReady(await get('stays')));
    await removeNow('stays');
    await removeNow('after');
  });

  test('a critical pod has another one make room', async () => {
    const { status } = await whenNode(({ status }) => status.allocatable?.['cpu'] !== undefined);
    const capacity = quantityMilliValue(status.allocatable!['cpu']!);
    await create('small', { containers: [running(cpu(10))] });
    await create('large', { containers: [running(cpu(capacity - 100))] });
    await whenReady('small');
    await whenReady('large');
    await create('critical', { priority: 2_000_000_000, containers: [running(cpu(capacity - 200))] });
    await whenReady('critical');
    const ended = await get('large');
    assert.deepEqual([ended.status.phase, ended.status.reason], ['Failed', 'Preempting']);
    assert.equal(ended.status.message, 'Preempted in order to admit critical pod');
    assert.ok(isReady(await get('small')));
    for (const name of ['small', 'large', 'critical']) await removeNow(name);
  });

  test('resources that others announce for the node are kept and counted', async () => {
    const body = { status: { capacity: { 'example.com/dongle': '2' } } };
    await node.client.patch(Node, { name: NODE_NAME }, { type: 'merge', body }, { subresource: 'status' });
    await whenNode(({ status }) => status.allocatable?.['example.com/dongle'] === '2');
    const dongles = (count: string) => {
      const amounts = { 'example.com/dongle': count };
      return { containers: [running({ requests: amounts, limits: amounts })] };
    };
    await until('the agent knows', async () => node.agent().node()?.status.allocatable?.['example.com/dongle'] === '2');
    await create('one', dongles('1'));
    await whenReady('one');
    await create('two', dongles('2'));
    const { status } = await podWhen('two', 'fails', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.reason, 'OutOfexample.com/dongle');
    assert.match(status.message ?? '', /requested: 2, used: 1, capacity: 2$/);
    await removeNow('one');
    await removeNow('two');
  });

  test('a RuntimeClass names the handler, which the runtime has to know', async () => {
    for (const handler of ['runc', 'other']) {
      await node.client.create(RuntimeClass, { metadata: { name: handler }, handler });
    }
    await create('known', { runtimeClassName: 'runc' });
    await whenReady('known');
    await create('unknown', { runtimeClassName: 'other' });
    await until('the event', async () => {
      const events = await eventsOf('unknown');
      return events.some(({ reason, message }) => reason === 'FailedCreatePodSandBox' && message?.includes('"other"'));
    });
    await removeNow('known');
    await removeNow('unknown');
  });

  test('a container that takes more memory than it may is said to be killed for it', async () => {
    const limits = { limits: { memory: '16Mi' } };
    const eat = 'x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo $' + '{#x}';
    await create('eater', { restartPolicy: 'Never', containers: [running(limits, eat)] });
    const { status } = await podWhen('eater', 'fails', (pod) => pod.status.phase === 'Failed');
    const end = status.containerStatuses?.[0]?.state?.terminated;
    assert.deepEqual([end?.reason, end?.exitCode], ['OOMKilled', 137]);
    await removeNow('eater');
  });
});

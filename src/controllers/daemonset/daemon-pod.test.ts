import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { PodSpec } from '../../api/core/pod-spec.ts';
import { FakeClock } from '../../base/clock.ts';
import { daemonTolerations, newDaemonPod, targetNode } from './daemon-pod.ts';
import { FailedPodBackoff } from './failed-pod-backoff.ts';
import { nodeFitOf } from './node-fit.ts';

function daemonSet(spec: object = {}, metadata: object = {}): DaemonSet {
  return {
    metadata: { name: 'd', namespace: 'default', uid: 'd', ...metadata },
    spec: { template: { metadata: { labels: { app: 'd' } }, spec } },
    status: { observedGeneration: 1 },
  } as unknown as DaemonSet;
}

test('newDaemonPod is for its node alone, says its revision and tolerates the troubles of nodes', () => {
  const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }] };
  const preferred = [{ weight: 1, preference: {} }];
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  };
  const annotations = { 'deprecated.daemonset.template.generation': '4' };
  const pod = newDaemonPod(daemonSet({ affinity: { nodeAffinity } }, { annotations }), 'n', 'hash') as unknown as Pod;
  assert.deepEqual(pod.metadata.labels, {
    app: 'd',
    'pod-template-generation': '4',
    'controller-revision-hash': 'hash',
  });
  assert.equal(pod.metadata.generateName, 'd-');
  assert.deepEqual(pod.spec.affinity, {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
    },
  });
  assert.equal(targetNode(pod), 'n');
  assert.equal(targetNode({ spec: {} } as unknown as Pod), undefined);
});

test('daemonTolerations are those of every daemon besides its own', () => {
  const texts = (spec: object) =>
    daemonTolerations(spec as PodSpec).map(({ key, effect, tolerationSeconds }) =>
      [key, effect, tolerationSeconds].join(' ').trim(),
    );
  const always = [
    'node.kubernetes.io/not-ready NoExecute',
    'node.kubernetes.io/unreachable NoExecute',
    'node.kubernetes.io/disk-pressure NoSchedule',
    'node.kubernetes.io/memory-pressure NoSchedule',
    'node.kubernetes.io/pid-pressure NoSchedule',
    'node.kubernetes.io/unschedulable NoSchedule',
  ];
  assert.deepEqual(texts({}), always);
  assert.deepEqual(texts({ hostNetwork: true }), [...always, 'node.kubernetes.io/network-unavailable NoSchedule']);
  const tolerations = [
    { key: 'own', operator: 'Exists' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
  ];
  const [notReady, unreachable, ...rest] = always;
  assert.deepEqual(texts({ tolerations }), ['own', unreachable, notReady, ...rest], 'a shorter one gives way');
});

test('nodeFitOf goes by name, labels and taints', () => {
  const node = (labels: object = {}, ...taints: readonly string[]) =>
    ({
      metadata: { name: 'n', labels },
      spec: { taints: taints.map((text) => ({ key: text.split(' ')[0], effect: text.split(' ')[1] })) },
    }) as unknown as Node;
  const cases: readonly (readonly [what: string, spec: object, Node, expected: string])[] = [
    ['everywhere', {}, node(), 'run'],
    ['on its node', { nodeName: 'n' }, node(), 'run'],
    ['not on another', { nodeName: 'm' }, node(), 'leave'],
    ['where the label is', { nodeSelector: { color: 'blue' } }, node({ color: 'blue' }), 'run'],
    ['not where it is not', { nodeSelector: { color: 'blue' } }, node({ color: 'green' }), 'leave'],
    ['not beside a taint', {}, node({}, 'x NoSchedule'), 'stay'],
    ['nor where it is thrown out', {}, node({}, 'x NoSchedule', 'y NoExecute'), 'leave'],
    ['but for preferences', {}, node({}, 'x PreferNoSchedule'), 'run'],
    ['and what it tolerates', { tolerations: [{ key: 'x', operator: 'Exists' }] }, node({}, 'x NoExecute'), 'run'],
    ['the troubles of nodes among it', {}, node({}, 'node.kubernetes.io/unreachable NoExecute'), 'run'],
  ];
  for (const [what, spec, node, expected] of cases) assert.equal(nodeFitOf(daemonSet(spec))(node), expected, what);
});

test('FailedPodBackoff slows down node by node, and starts anew for a changed set', async () => {
  const clock = new FakeClock();
  const backoff = new FailedPodBackoff({ clock });
  const set = daemonSet();
  assert.equal(backoff.delayMs(set, 'a'), 0);
  assert.equal(backoff.delayMs(set, 'a'), 1000);
  assert.equal(backoff.delayMs(set, 'b'), 0, 'another node');
  await clock.advance(400);
  assert.equal(backoff.delayMs(set, 'a'), 600);
  await clock.advance(600);
  assert.equal(backoff.delayMs(set, 'a'), 0);
  assert.equal(backoff.delayMs(set, 'a'), 2000);
  const changed = { ...set, status: { ...set.status, observedGeneration: 2 } };
  assert.equal(backoff.delayMs(changed, 'a'), 0);
  for (let i = 0; i < 12; i++) {
    await clock.advance(backoff.delayMs(changed, 'a'));
    assert.equal(backoff.delayMs(changed, 'a'), 0);
  }
  assert.equal(backoff.delayMs(changed, 'a'), 15 * 60_000, 'a quarter of an hour at most');
  await clock.advance(30 * 60_000);
  assert.equal(backoff.delayMs(changed, 'a'), 0);
  assert.equal(backoff.delayMs(changed, 'a'), 1000, 'forgiven');
  backoff.forget('default/d');
  assert.equal(backoff.delayMs(changed, 'a'), 0);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import { isMirror, isMirrorOf, mirrorOf, staticPod, toldToEnd } from './static-pod.ts';

const NOW = Date.UTC(2026, 0, 1);
const CONTEXT = { nodeName: 'node-1', nowMs: NOW };
const podOf = (text: string, file = '/manifests/web.yaml') => staticPod({ file, text }, CONTEXT);
const MANIFEST = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: main, image: nginx}]}`;

describe('staticPod', () => {
  test('is named after its node and known by its hash', () => {
    const { metadata, spec } = podOf(MANIFEST);
    assert.deepEqual([metadata.name, metadata.namespace, spec.nodeName], ['web-node-1', 'default', 'node-1']);
    assert.match(metadata.uid, /^[0-9a-f]{32}$/);
    assert.equal(metadata.annotations?.['kubernetes.io/config.hash'], metadata.uid);
    assert.equal(metadata.annotations?.['kubernetes.io/config.source'], 'file');
    assert.deepEqual(spec.tolerations?.at(-1), { operator: 'Exists', effect: 'NoExecute' });
    assert.equal(spec.terminationGracePeriodSeconds, 30); // Defaults are set.
  });

  test('keeps its uid while its file says the same', () => {
    const { uid } = podOf(MANIFEST).metadata;
    assert.equal(podOf(`# comment\n${MANIFEST}`).metadata.uid, uid);
    assert.notEqual(podOf(MANIFEST.replace('nginx', 'nginx:2')).metadata.uid, uid);
    assert.notEqual(podOf(MANIFEST, '/manifests/other.yaml').metadata.uid, uid);
  });

  for (const [what, text] of [
    ['what is no YAML', '{'],
    ['an empty file', ''],
    ['another kind', MANIFEST.replace('kind: Pod', 'kind: Job')],
    ['a pod that is not valid', MANIFEST.replace('name: main', 'name: Main')],
  ] as const) {
    test(`refuses ${what}`, () => assert.throws(() => podOf(text)));
  }
});

test('mirrorOf is the pod in its node’s name, known by its hash', () => {
  const pod = podOf(MANIFEST);
  const { metadata } = mirrorOf(pod, { metadata: { name: 'node-1', uid: 'node-uid' } } as Node);
  assert.deepEqual(metadata?.ownerReferences, [
    { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'node-uid', controller: true },
  ]);
  const mirror = { ...pod, metadata: { ...pod.metadata, ...metadata, uid: 'mirror-uid' } } as typeof pod;
  assert.deepEqual([isMirror(pod), isMirror(mirror), isMirrorOf(mirror, pod)], [false, true, true]);
  const changed = podOf(MANIFEST.replace('nginx', 'nginx:2'));
  assert.deepEqual([isMirrorOf(mirror, changed), isMirrorOf(toldToEnd(mirror, NOW), pod)], [false, false]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { isSameTemplate, podTemplateHash } from './pod-template-hash.ts';
import { newestAnnotations } from './revision.ts';

const template = (image: string, labels: Record<string, string> = { app: 'web' }) =>
  ({
    metadata: { labels },
    spec: { containers: [{ name: 'c', image }], volumes: [{ name: 'v', emptyDir: {} }] },
  }) as unknown as PodTemplateSpec;

test('podTemplateHash is stable, spread and spells no words', () => {
  const hash = podTemplateHash(template('v1'), 0);
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  assert.equal(podTemplateHash(template('v1', { app: 'web', 'pod-template-hash': 'x' }), 0), hash);
  const others = new Set(Array.from({ length: 1000 }, (_, i) => podTemplateHash(template(`v${i}`), 0)));
  assert.equal(others.size, 1000);
  assert.notEqual(podTemplateHash(template('v1'), 1), hash);
});

test('isSameTemplate ignores the order of fields, empty lists and the hash label', () => {
  const spec = template('v1').spec;
  const reordered = {
    spec: { ...spec, initContainers: [] },
    metadata: { labels: { 'pod-template-hash': 'x', app: 'web' } },
  };
  assert.equal(isSameTemplate(template('v1'), reordered as unknown as PodTemplateSpec), true);
  assert.equal(isSameTemplate(template('v1'), template('v2')), false);
  assert.equal(isSameTemplate(template('v1'), template('v1', { app: 'other' })), false);
});

test('newestAnnotations copies what the deployment shares and keeps the history of revisions', () => {
  const deployment = {
    metadata: {
      annotations: {
        note: 'x',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'deployment.kubernetes.io/revision': '7',
      },
    },
  } as unknown as Parameters<typeof newestAnnotations>[0];
  const revision = 'deployment.kubernetes.io/revision';
  const history = 'deployment.kubernetes.io/revision-history';
  assert.deepEqual(newestAnnotations(deployment, {}, 3n), { note: 'x', [revision]: '3' });
  assert.deepEqual(newestAnnotations(deployment, { [revision]: '5' }, 3n), { note: 'x', [revision]: '5' });
  assert.deepEqual(newestAnnotations(deployment, { [revision]: '1', [history]: '0' }, 12n), {
    note: 'x',
    [revision]: '12',
    [history]: '0,1',
  });
  const long = newestAnnotations(
    deployment,
    { [revision]: '900', [history]: Array.from({ length: 800 }, (_, i) => i).join() },
    901n,
  );
  assert.ok((long[history]?.length ?? 0) <= 2000);
  assert.ok(long[history]?.endsWith(',900'));
});

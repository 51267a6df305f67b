// What the real kubectl does by server-side apply: conflicts and what it says of them, several managers of one object,
// and the way from client-side apply and back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ManagedFieldsEntry } from '../../src/api/meta/object-meta.ts';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster();
});
after(() => cluster[Symbol.asyncDispose]());

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const configMap = (name: string, data: object) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const deployment = (spec: object, image = 'nginx:1') =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
      ...spec,
    },
  });

/** kubectl in a namespace of its own, with what a test of apply does most. */
async function inNamespace(name: string) {
  const { kubectl: run, refused, tryKubectl } = await cluster.inNamespace(name);
  const read = async (what: string) => JSON.parse(await run(`get ${what} -o json --show-managed-fields`));
  return {
    run,
    tryKubectl,
    read,
    apply: (object: string, flags = '') => run(`apply --server-side -f - ${flags}`.trim(), { stdin: object }),
    refusedApply: (object: string, flags = '') =>
      refused(`apply --server-side -f - ${flags}`.trim(), { stdin: object }),
    owners: async (what: string): Promise<Readonly<Record<string, unknown>>> => {
      const entries: ManagedFieldsEntry[] = (await read(what)).metadata.managedFields ?? [];
      return Object.fromEntries(
        entries.map(({ manager, operation, subresource, fieldsV1 }) => [
          [manager, operation, subresource].filter(Boolean).join(' '),
          fieldsV1,
        ]),
      );
    },
  };
}

describe('kubectl apply --server-side', () => {
  test('creates, changes and takes away, under the name of kubectl or another', async () => {
    const { apply, run, owners } = await inNamespace('ssa-basic');
    assert.equal(await apply(configMap('a', { k: '1', l: '2' })), 'configmap/a serverside-applied\n');
    assert.equal(await apply(configMap('a', { m: '3' }), '--field-manager=other'), 'configmap/a serverside-applied\n');
    await apply(configMap('a', { k: '1' }));
    assert.equal(await run(['get', 'configmap', 'a', '-o', 'jsonpath={.data}']), '{"k":"1","m":"3"}');
    assert.deepEqual(await owners('configmap/a'), {
      'kubectl Apply': { 'f:data': { 'f:k': {} } },
      'other Apply': { 'f:data': { 'f:m': {} } },
    });
  });

  test('that changes nothing leaves the object as it is', async () => {
    const { apply, read } = await inNamespace('ssa-same');
    await apply(configMap('a', { k: '1' }));
    const before = await read('configmap/a');
    await apply(configMap('a', { k: '1' }));
    assert.deepEqual(await read('configmap/a'), before);
  });

  test('hides who manages what unless it is asked', async () => {
    const { apply, run } = await inNamespace('ssa-hidden');
    await apply(configMap('a', { k: '1' }));
    assert.doesNotMatch(await run('get configmap a -o yaml'), /managedFields/);
    assert.match(
      await run('get configmap a -o yaml --show-managed-fields'),
      /managedFields:\n {2}- apiVersion: v1\n {4}fieldsType: FieldsV1\n {4}fieldsV1:\n {6}f:data:\n {8}f:k: \{\}\n {4}manager: kubectl\n {4}operation: Apply\n {4}time: "/,
    );
  });

  test('says whom it has a conflict with, and takes over by force', async () => {
    const { apply, refusedApply, run, owners } = await inNamespace('ssa-conflicts');
    await apply(deployment({ replicas: 1 }));
    await run('scale deployment web --replicas=0');
    assert.match(
      await refusedApply(deployment({ replicas: 2 })),
      /^error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas\nPlease review the fields above--they currently have other managers\./,
    );
    assert.match(
      await refusedApply(deployment({ replicas: 2 }, 'nginx:2'), '--field-manager=other'),
      /^error: Apply failed with 2 conflicts: conflicts with "kubectl":\n- \.spec\.template\.spec\.containers\[name="web"\]\.image\nconflicts with "kubectl" with subresource "scale" using apps\/v1:\n- \.spec\.replicas\n/,
    );
    await apply(deployment({ replicas: 2 }, 'nginx:2'), '--field-manager=other --force-conflicts');
    const image = [
      'get',
      'deployment',
      'web',
      '-o',
      'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}',
    ];
    assert.equal(await run(image), '2 nginx:2');
    const { 'kubectl Apply': kubectl, 'kubectl Update scale': scale } = await owners('deployment/web');
    assert.equal(scale, undefined);
    assert.ok(!JSON.stringify(kubectl).includes('f:image'));
  });

  test('lets go of what another manager is to have', async () => {
    const { apply, run } = await inNamespace('ssa-handover');
    await apply(deployment({ replicas: 1 }));
    await apply(deployment({ replicas: 1 }), '--field-manager=scaler');
    await apply(deployment({}));
    await apply(deployment({ replicas: 0 }), '--field-manager=scaler');
    assert.equal(await run(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}']), '0');
  });

  test('goes along with what controllers write', async () => {
    const { apply, run, owners } = await inNamespace('ssa-controllers');
    await apply(deployment({ replicas: 0 }));
    await run('wait --for=condition=Available deployment/web --timeout=20s');
    assert.equal(await apply(deployment({ replicas: 0 }, 'nginx:2')), 'deployment.apps/web serverside-applied\n');
    const managers = Object.keys(await owners('deployment/web'));
    assert.equal(managers[0], 'kubectl Apply');
    assert.ok(
      managers.some((manager) => / Update status$/.test(manager)),
      String(managers),
    );
  });

  test('shows what it would do, and does nothing', async () => {
    const { apply, run, tryKubectl } = await inNamespace('ssa-dry');
    assert.equal(
      await apply(configMap('a', { k: '1' }), '--dry-run=server'),
      'configmap/a serverside-applied (server dry run)\n',
    );
    assert.equal(await run('get configmaps -o name --field-selector=metadata.name=a'), '');
    await apply(configMap('a', { k: '1' }));
    const diff = await tryKubectl('diff --server-side -f -', { stdin: configMap('a', { k: '2' }) });
    assert.equal(diff.code, 1, diff.stderr);
    assert.match(diff.stdout, /^-\s+k: "1"$/m);
    assert.match(diff.stdout, /^\+\s+k: "2"$/m);
  });

  test('names fields that there are not', async () => {
    const { refusedApply } = await inNamespace('ssa-unknown');
    const object = { ...JSON.parse(configMap('a', {})), nonsense: 1 };
    assert.match(
      await refusedApply(JSON.stringify(object)),
      /failed to create typed patch object \(ssa-unknown\/a; \/v1, Kind=ConfigMap\): \.nonsense: field not declared in schema/,
    );
  });
});

describe('kubectl apply', () => {
  const clientSide = (run: ServedCluster['kubectl'], object: string) => run('apply -f -', { stdin: object });

  test('is a manager of its own, and moves over to server-side apply', async () => {
    const { apply, run, read, owners } = await inNamespace('csa-ssa');
    await clientSide(run, configMap('a', { k: '1', l: '2' }));
    assert.deepEqual(Object.keys(await owners('configmap/a')), ['kubectl-client-side-apply Update']);
    await apply(configMap('a', { k: '9' }));
    const moved = await read('configmap/a');
    assert.deepEqual(moved.data, { k: '9' });
    // kubectl applies the annotation as a manager of its own.
    assert.deepEqual(Object.keys(await owners('configmap/a')).sort(), ['kubectl Apply', 'kubectl-last-applied Apply']);
    assert.deepEqual(JSON.parse(moved.metadata.annotations[LAST_APPLIED]).data, { k: '9' });
  });

  test('goes on where server-side apply has been', async () => {
    const { apply, run } = await inNamespace('ssa-csa');
    await clientSide(run, configMap('a', { k: '1' }));
    await apply(configMap('a', { k: '1', l: '2' }));
    await clientSide(run, configMap('a', { k: '3' }));
    assert.equal(await run(['get', 'configmap', 'a', '-o', 'jsonpath={.data}']), '{"k":"3"}');
  });

  test('is in the way of other managers', async () => {
    const { refusedApply, run } = await inNamespace('csa-other');
    await clientSide(run, deployment({ replicas: 0 }));
    assert.match(
      await refusedApply(deployment({ replicas: 2 }), '--field-manager=other'),
      /^error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps\/v1: \.spec\.replicas\n/,
    );
  });
});

// The LimitRange tests of the conformance suite, as upstream's test/e2e/scheduling/limit_range.go checks them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitRange } from '../../src/api/core/limit-range.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

const NAMESPACE = 'default';

type Amounts = Readonly<Record<string, string>>;

const amounts = (cpu: string, memory: string, storage: string): Amounts => ({
  ...(cpu ? { cpu } : {}),
  ...(memory ? { memory } : {}),
  ...(storage ? { 'ephemeral-storage': storage } : {}),
});

const ITEM = {
  type: 'Container',
  min: amounts('50m', '100Mi', '100Gi'),
  max: amounts('500m', '500Mi', '500Gi'),
  default: amounts('500m', '500Mi', '500Gi'),
  defaultRequest: amounts('100m', '200Mi', '200Gi'),
};

test('[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
  await using cluster = await controlledCluster();
  const { admin, until } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const createPod = async (name: string, requests: Amounts, limits: Amounts = {}) => {
    const containers = [{ name: 'pause', image: 'pause', resources: { requests, limits } }];
    const pod = await admin.create(Pod, { metadata: { namespace: NAMESPACE, name }, spec: { containers } });
    return { ...pod, resources: pod.spec.containers[0]?.resources };
  };
  const isForbidden = (error: unknown) => isStatusError(error, 'Forbidden');
  const ref = { namespace: NAMESPACE, name: 'limit-range' };
  const created = await admin.create(LimitRange, { metadata: ref, spec: { limits: [ITEM] } });
  assert.deepEqual(created.spec.limits?.[0]?.default, ITEM.default);
  assert.deepEqual(created.spec.limits[0].defaultRequest, ITEM.defaultRequest);

  const plain = await createPod('pod-no-resources', {});
  assert.deepEqual(plain.resources, { requests: ITEM.defaultRequest, limits: ITEM.default });
  assert.equal(
    plain.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, ephemeral-storage, memory request for container pause; ' +
      'cpu, ephemeral-storage, memory limit for container pause',
  );
  const partial = await createPod('pod-partial-resources', amounts('', '150Mi', '150Gi'), amounts('300m', '', ''));
  assert.deepEqual(partial.resources, {
    requests: amounts('300m', '150Mi', '150Gi'),
    limits: amounts('300m', '500Mi', '500Gi'),
  });
  await assert.rejects(createPod('pfpod', amounts('10m', '50Mi', '50Gi')), isForbidden);
  await assert.rejects(createPod('pfpod', amounts('600m', '600Mi', '600Gi')), (error) =>
    isStatusError(error, 'Invalid'),
  );

  const limits = [{ ...ITEM, min: amounts('9m', '49Mi', '49Gi') }];
  const updated = await admin.update(LimitRange, { ...created, spec: { limits } });
  assert.deepEqual(updated.spec.limits?.[0]?.min, limits[0]?.min);
  await createPod('pfpod', amounts('10m', '50Mi', '50Gi'));
  await assert.rejects(createPod('pfpod', amounts('600m', '600Mi', '600Gi')));
  await admin.delete(LimitRange, ref, { gracePeriodSeconds: 30 });
  assert.deepEqual((await admin.list(LimitRange, { namespace: NAMESPACE })).items, []);
  await createPod('pfpod2', amounts('600m', '600Mi', '600Gi'));
});

test('[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection', async () => {
  await using cluster = await controlledCluster({}, { controllers: false });
  const { admin } = cluster;
  const name = 'e2e-limitrange';
  for (const namespace of [NAMESPACE, 'other']) {
    await admin.create(Namespace, { metadata: { name: namespace } });
    const metadata = { namespace, name, labels: { 'e2e-test': name, [name]: 'created' } };
    await admin.create(LimitRange, { metadata, spec: { limits: [ITEM] } });
  }
  const listed = async (labelSelector: string) => (await admin.list(LimitRange, { labelSelector })).items;
  assert.equal((await listed(`e2e-test=${name}`)).length, 2);
  const min = amounts('9m', '49Mi', '49Gi');
  const body = { metadata: { labels: { [name]: 'patched' } }, spec: { limits: [{ ...ITEM, min }] } };
  const patched = await admin.patch(LimitRange, { namespace: NAMESPACE, name }, { type: 'strategic', body });
  assert.equal(patched.metadata.labels?.[name], 'patched');
  assert.deepEqual(patched.spec.limits?.[0]?.min, min);
  await admin.deleteCollection(LimitRange, { namespace: NAMESPACE, labelSelector: `${name}=patched` });
  assert.deepEqual(await listed(`${name}=patched`), []);
  const rest = await listed(`e2e-test=${name}`);
  assert.deepEqual(
    rest.map(({ metadata }) => metadata.namespace),
    ['other'],
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { Pod } from '../../api/core/pod.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { Secret } from '../../api/core/secret.ts';
import { Service } from '../../api/core/service.ts';
import { forbidden, isStatusError } from '../../api/status-error.ts';
import { systemClock } from '../../base/clock.ts';
import { createClient } from '../../client/create-client.ts';
import { LateTransport } from '../../client/late-transport.ts';
import type { StorageHook } from '../registry/storage-hook.ts';
import { resourceQuota } from './resource-quota.ts';

const NAMESPACE = 'a';
const SPEC = { containers: [{ name: 'c', image: 'i' }] };

/** An API server with quotas, of which nobody but admission counts anything. */
async function open(hooks: readonly StorageHook[] = []) {
  const own = new LateTransport();
  const api = await apiUnderTest({
    parts: (objects) => ({
      admission: [resourceQuota({ objects, client: createClient(own, { userAgent: 'self' }), clock: systemClock })],
      hooks,
    }),
  });
  own.transport = api.server.transportFor({ name: 'self', uid: undefined, groups: ['system:masters'], extra: {} });
  return api;
}

async function limit({ client }: ApiUnderTest, hard: Record<string, string>, more: { scopes?: string[] } = {}) {
  const metadata = { namespace: NAMESPACE, name: 'quota' };
  const quota = await client.create(ResourceQuota, { metadata, spec: { hard, ...(more as object) } });
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  await client.updateStatus(ResourceQuota, { ...quota, status: { hard, used } });
}

const usedOf = async ({ client }: ApiUnderTest) =>
  (await client.get(ResourceQuota, { namespace: NAMESPACE, name: 'quota' })).status.used;

const secret = (name: string) => ({ metadata: { namespace: NAMESPACE, name } });
const pod = (name: string, resources: object = {}) => ({
  metadata: { namespace: NAMESPACE, name },
  spec: { containers: [{ name: 'c', image: 'i', resources }] },
});

describe('resourceQuota', () => {
  test('never lets more pass than there is, however many come at once', async () => {
    await using api = await open();
    await limit(api, { secrets: '20', 'count/secrets': '25' });
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => api.client.create(Secret, secret(`s-${i}`))),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 20);
    assert.equal((await api.client.list(Secret, { namespace: NAMESPACE })).items.length, 20);
    assert.deepEqual(await usedOf(api), { 'count/secrets': '20', secrets: '20' });
    const refused = results.find((each) => each.status === 'rejected');
    assert.match(
      String(refused?.reason.message),
      /^secrets "s-\d+" is forbidden: exceeded quota: quota, requested: secrets=1, used: secrets=20, limited: secrets=20$/,
    );
  });

  test('writes a quota once for many that come together', async () => {
    await using api = await open();
    await limit(api, { secrets: '100' });
    const before = Number((await api.client.list(Secret)).metadata.resourceVersion);
    await Promise.all(Array.from({ length: 50 }, (_, i) => api.client.create(Secret, secret(`s-${i}`))));
    const after = Number((await api.client.list(Secret)).metadata.resourceVersion);
    assert.ok(after - before < 60, `${after - before - 50} writes of the quota for 50 objects`);
  });

  test('gives back what was charged for writes that did not happen', async () => {
    const refusing: StorageHook = {
      kind: Secret,
      async beforeCreate({ metadata }) {
        if (metadata.name === 'none') throw forbidden({ group: '', resource: 'secrets' }, 'none', 'no more addresses');
        return undefined;
      },
    };
    await using api = await open([refusing]);
    await limit(api, { secrets: '10' });
    await api.client.create(Secret, secret('one'));
    await assert.rejects(api.client.create(Secret, secret('none')), { message: /no more addresses/ });
    assert.deepEqual(await usedOf(api), { secrets: '1' });
    // Of several that want the same name one gets it, and the others pay nothing.
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => api.client.create(Secret, secret('two'))));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await usedOf(api), { secrets: '2' });
  });

  test('leaves a release to the controller when somebody else has counted since', async () => {
    let release: () => void = () => {};
    const waiting = Promise.withResolvers<void>();
    const refusing: StorageHook = {
      kind: Secret,
      async beforeCreate() {
        waiting.resolve();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        throw forbidden({ group: '', resource: 'secrets' }, 'none', 'no more addresses');
      },
    };
    await using api = await open([refusing]);
    await limit(api, { secrets: '10' });
    const failing = assert.rejects(api.client.create(Secret, secret('none')), { message: /no more addresses/ });
    await waiting.promise;
    assert.deepEqual(await usedOf(api), { secrets: '1' });
    const quota = await api.client.get(ResourceQuota, { namespace: NAMESPACE, name: 'quota' });
    await api.client.updateStatus(ResourceQuota, { ...quota, status: { ...quota.status, used: { secrets: '0' } } });
    release();
    await failing;
    assert.deepEqual(await usedOf(api), { secrets: '0' }, 'it was counted without already');
  });

  test('charges nothing for a dry run, but says what it would be', async () => {
    await using api = await open();
    await limit(api, { secrets: '1' });
    await api.client.create(Secret, secret('one'), { dryRun: true });
    assert.deepEqual(await usedOf(api), { secrets: '0' });
    await api.client.create(Secret, secret('one'));
    await assert.rejects(api.client.create(Secret, secret('two'), { dryRun: true }), { message: /exceeded quota/ });
  });

  test('goes on when somebody else writes the quota in between', async () => {
    await using api = await open();
    await limit(api, { secrets: '1000' });
    const ref = { namespace: NAMESPACE, name: 'quota' };
    const meddling = Array.from({ length: 5 }, (_, i) =>
      api.client.patch(ResourceQuota, ref, { type: 'merge', body: { metadata: { labels: { round: `${i}` } } } }),
    );
    await Promise.all([
      ...meddling,
      ...Array.from({ length: 20 }, (_, i) => api.client.create(Secret, secret(`s-${i}`))),
    ]);
    assert.deepEqual(await usedOf(api), { secrets: '20' });
  });

  test('refuses pods that do not say what is limited', async () => {
    await using api = await open();
    await limit(api, { cpu: '1', 'limits.memory': '1Gi', pods: '5' });
    await assert.rejects(api.client.create(Pod, pod('web')), {
      message: 'pods "web" is forbidden: failed quota: quota: must specify cpu for: c; limits.memory for: c',
    });
    await api.client.create(Pod, pod('web', { requests: { cpu: '500m' }, limits: { memory: '1Gi' } }));
    assert.deepEqual(await usedOf(api), { cpu: '500m', 'limits.memory': '1Gi', pods: '1' });
    await assert.rejects(api.client.create(Pod, pod('big', { requests: { cpu: '600m' }, limits: { memory: '1Mi' } })), {
      message:
        'pods "big" is forbidden: exceeded quota: quota, ' +
        'requested: cpu=600m,limits.memory=1Mi, used: cpu=500m,limits.memory=1Gi, limited: cpu=1,limits.memory=1Gi',
    });
  });

  test('refuses what the controller has not counted yet', async () => {
    await using api = await open();
    const hard = { secrets: '1', 'count/secrets': '1' };
    const metadata = { namespace: NAMESPACE, name: 'quota' };
    const quota = await api.client.create(ResourceQuota, { metadata, spec: { hard } });
    await api.client.create(Secret, secret('before')); // A quota without a status limits nothing yet.
    await api.client.updateStatus(ResourceQuota, { ...quota, status: { hard, used: { secrets: '1' } } });
    await assert.rejects(api.client.create(Secret, secret('one')), {
      message: 'secrets "one" is forbidden: status unknown for quota: quota, resources: count/secrets,secrets',
    });
  });

  test('charges services for ports when their type changes, and resizes for the difference', async () => {
    await using api = await open();
    await limit(api, { 'services.nodeports': '1', cpu: '1' });
    const ports = [{ port: 80 }, { port: 81 }].map((port, i) => ({ ...port, name: `p${i}` }));
    const metadata = { namespace: NAMESPACE, name: 'web' };
    await api.client.create(Service, { metadata, spec: { ports } });
    const toNodePort = (service: object) =>
      api.client.patch(Service, metadata, { type: 'merge', body: { spec: { type: 'NodePort', ...service } } });
    await assert.rejects(toNodePort({}), { message: /requested: services.nodeports=2, used: services.nodeports=0/ });
    await toNodePort({ ports: [{ port: 80 }] });
    await api.client.create(Pod, pod('web', { requests: { cpu: '400m' } }));
    const resize = (cpu: string) =>
      api.client.patch(
        Pod,
        metadata,
        { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } } },
        { subresource: 'resize' },
      );
    await resize('700m');
    assert.deepEqual(await usedOf(api), { cpu: '700m', 'services.nodeports': '1' });
    await assert.rejects(resize('1100m'), { message: /requested: cpu=400m, used: cpu=700m, limited: cpu=1$/ });
    await resize('100m');
    assert.deepEqual(await usedOf(api), { cpu: '700m', 'services.nodeports': '1' }, 'the controller gives back');
  });

  test('charges a pod to the quota of the scope that it comes into', async () => {
    await using api = await open();
    await limit(api, { pods: '1' }, { scopes: ['Terminating'] });
    await api.client.create(Pod, { ...pod('a'), spec: SPEC });
    assert.deepEqual(await usedOf(api), { pods: '0' });
    const body = { spec: { activeDeadlineSeconds: 100 } };
    await api.client.patch(Pod, { namespace: NAMESPACE, name: 'a' }, { type: 'merge', body });
    assert.deepEqual(await usedOf(api), { pods: '1' });
    const ending = { ...pod('b'), spec: { ...SPEC, activeDeadlineSeconds: 5 } };
    await assert.rejects(api.client.create(Pod, ending), (error) => isStatusError(error, 'Forbidden'));
  });
});

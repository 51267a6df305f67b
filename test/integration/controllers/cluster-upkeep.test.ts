import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { IPAddress } from '../../../src/api/networking/ip-address.ts';
import { ServiceCIDR } from '../../../src/api/networking/service-cidr.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { formatTime } from '../../../src/api/time.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

test('what a cluster says of itself is signed with its bootstrap tokens, for as long as they last', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, clock, pass } = cluster;
  const info = { namespace: 'kube-public', name: 'cluster-info' };
  await until('the namespace', async () =>
    admin.create(ConfigMap, { metadata: info, data: { kubeconfig: 'abc' } }).then(
      () => true,
      () => false,
    ),
  );
  const data = async () => (await admin.get(ConfigMap, info)).data ?? {};
  const make = (id: string, more = {}) =>
    admin.create(Secret, {
      metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more },
    });
  await make('aaaaaa');
  await make('bbbbbb', { expiration: formatTime(clock.now() + 20_000) });
  await until('the signatures', async () => Object.keys(await data()).length === 3);
  const signature = (await data())['jws-kubeconfig-aaaaaa'] ?? '';
  const [header = '', payload, proof] = signature.split('.');
  assert.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"HS256","kid":"aaaaaa"}');
  assert.equal(payload, '');
  const signed = `${header}.${Buffer.from('abc').toString('base64url')}`;
  assert.equal(proof, createHmac('sha256', '0123456789abcdef').update(signed).digest('base64url'));

  await admin.patch(ConfigMap, info, { type: 'merge', body: { data: { kubeconfig: 'abcd' } } });
  await until('another signature', async () => (await data())['jws-kubeconfig-aaaaaa'] !== signature);
  await pass(20_000);
  await until(
    'the end of the other',
    async () =>
      Object.keys(await data())
        .sort()
        .join() === 'jws-kubeconfig-aaaaaa,kubeconfig',
  );
  await assert.rejects(admin.get(Secret, { namespace: 'kube-system', name: 'bootstrap-token-bbbbbb' }), (error) =>
    isStatusError(error, 'NotFound'),
  );
  await admin.delete(Secret, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' });
  await until('the end of both', async () => Object.keys(await data()).join() === 'kubeconfig');
  assert.deepEqual(cluster.complaints, []);
});

test('a range of service addresses is ready, and does not go as long as addresses of it are in use', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, pass } = cluster;
  const ref = { name: 'more' };
  await admin.create(ServiceCIDR, { metadata: ref, spec: { cidrs: ['10.200.0.0/24'] } });
  const ready = async () => (await admin.get(ServiceCIDR, ref)).status.conditions?.find(({ type }) => type === 'Ready');
  await until('the condition', async () => (await ready())?.status === 'True');
  assert.deepEqual((await admin.get(ServiceCIDR, ref)).metadata.finalizers, [
    'networking.k8s.io/service-cidr-finalizer',
  ]);
  const address = { name: '10.200.0.7' };
  const labels = {
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
  };
  const parentRef = { resource: 'services', namespace: 'default', name: 'web' };
  await admin.create(IPAddress, { metadata: { ...address, labels }, spec: { parentRef } });
  await admin.delete(ServiceCIDR, ref);
  await until('the reason', async () => (await ready())?.reason === 'Terminating');
  assert.equal(
    (await ready())?.message,
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  );
  await pass(20_000);
  await admin.delete(IPAddress, address);
  await until('the end', async () =>
    admin.get(ServiceCIDR, ref).then(
      () => false,
      (error) => isStatusError(error, 'NotFound'),
    ),
  );
  assert.deepEqual(cluster.complaints, []);
});

test('nodes are told for how long they may keep what they have read', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, addNode } = cluster;
  await addNode('node-1');
  const ttl = async () =>
    (await admin.get(Node, { name: 'node-1' })).metadata.annotations?.['node.alpha.kubernetes.io/ttl'];
  await until('the annotation', async () => (await ttl()) === '0');
  assert.deepEqual(cluster.complaints, []);
});

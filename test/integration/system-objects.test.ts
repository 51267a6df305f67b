import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { ServiceCIDR } from '../../src/api/networking/service-cidr.ts';
import { CLUSTER_DEFAULTS } from '../../src/cluster/cluster-config.ts';
import { ensureSystemObjects } from '../../src/cluster/system-objects.ts';
import { servedCluster } from '../support/served-cluster.ts';

test('a new cluster has its namespaces, its service range and its authentication ConfigMap, and writes them once', async () => {
  await using cluster = await servedCluster();
  const { admin, certificates } = cluster;
  const names = (await admin.list(Namespace)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(names, ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  const range = await admin.get(ServiceCIDR, { name: 'kubernetes' });
  assert.deepEqual(range.spec.cidrs, ['10.96.0.0/12']);
  const ref = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  const authentication = await admin.get(ConfigMap, ref);
  assert.equal(authentication.data?.['client-ca-file'], certificates.ca.certificate);
  assert.equal(authentication.data?.['requestheader-allowed-names'], '["front-proxy-client"]');

  const info = { namespace: 'kube-public', name: 'cluster-info' };
  const { data, metadata } = await admin.get(ConfigMap, info);
  const server = /server: (.*)/.exec(data?.['kubeconfig'] ?? '')?.[1] ?? '';
  const { podCidr, serviceCidr, dnsAddress, clusterDomain } = CLUSTER_DEFAULTS;
  const again = { settings: { podCidr, serviceCidr, dnsAddress, clusterDomain }, server, certificates };
  await ensureSystemObjects({ client: admin }, again, { signal: new AbortController().signal });
  assert.equal((await admin.get(ConfigMap, ref)).metadata.resourceVersion, authentication.metadata.resourceVersion);
  assert.equal((await admin.get(ConfigMap, info)).metadata.resourceVersion, metadata.resourceVersion);
});

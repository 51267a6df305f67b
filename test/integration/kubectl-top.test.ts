// The real kubectl asks what is used: metrics.k8s.io over the agents of simulated nodes.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

const POD = (name: string, cpu: string, memory: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    labels: { app: name },
    annotations: { 'simulated.typernetes.io/cpu': cpu, 'simulated.typernetes.io/memory': memory },
  },
  spec: { containers: ['main', 'side'].map((container) => ({ name: container, image: 'nginx' })) },
});

describe('kubectl top', () => {
  let cluster: ServedCluster;
  let inside: Awaited<ReturnType<ServedCluster['inNamespace']>>;
  before(async () => {
    cluster = await servedCluster({ simulatedNodes: 2 });
    inside = await cluster.inNamespace('top');
    for (const pod of [POD('web', '250m', '64Mi'), POD('db', '10m', '1Gi')]) {
      await inside.kubectl('create -f -', { stdin: JSON.stringify(pod) });
    }
    await inside.kubectl('wait --for=condition=Ready pod/web pod/db --timeout=30s');
  });
  after(() => cluster[Symbol.asyncDispose]());

  /** Rows without the headline; columns are told apart by blanks. */
  const rows = (text: string) => {
    const [, ...lines] = text.trimEnd().split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  };

  test('pods, with the sum of their containers', async () => {
    const text = await inside.kubectl('top pods');
    assert.match(text, /^NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/);
    assert.deepEqual(rows(text), [
      ['db', '20m', '2048Mi'],
      ['web', '500m', '128Mi'],
    ]);
    assert.deepEqual(rows(await inside.kubectl('top pods -l app=web')), [['web', '500m', '128Mi']]);
    assert.deepEqual(rows(await inside.kubectl('top pod db')), [['db', '20m', '2048Mi']]);
  });

  test('containers', async () => {
    assert.deepEqual(rows(await inside.kubectl('top pod web --containers')), [
      ['web', 'main', '250m', '64Mi'],
      ['web', 'side', '250m', '64Mi'],
    ]);
  });

  test('pods of all namespaces, sorted', async () => {
    const text = await cluster.kubectl('top pods -A --sort-by=cpu');
    assert.deepEqual(
      rows(text).map(([namespace, name]) => `${namespace}/${name}`),
      ['top/web', 'top/db'],
    );
  });

  test('nodes, with their share of what there is', async () => {
    const found = rows(await cluster.kubectl('top nodes'));
    assert.deepEqual(
      found.map(([name]) => name),
      ['simulated-1', 'simulated-2'],
    );
    for (const [, cpu, share, memory] of found) {
      assert.match(cpu ?? '', /^\d+m$/);
      assert.match(share ?? '', /^\d+%$/);
      assert.match(memory ?? '', /^\d+Mi$/);
    }
    assert.equal(rows(await cluster.kubectl('top node simulated-1')).length, 1);
  });

  test('what a pod says later counts later', async () => {
    await inside.kubectl('annotate pod db simulated.typernetes.io/memory=100Mi --overwrite');
    const raw = await inside.kubectl('get --raw /apis/metrics.k8s.io/v1beta1/namespaces/top/pods/db');
    const { window, timestamp, containers } = JSON.parse(raw);
    assert.match(window, /s$/);
    assert.match(timestamp, /Z$/);
    assert.equal(containers.length, 2);
  });

  test('the agents’ own figures, through the proxy of nodes', async () => {
    const text = await cluster.kubectl('get --raw /api/v1/nodes/simulated-1/proxy/metrics/resource');
    assert.match(text, /^node_cpu_usage_seconds_total \d/m);
    const summary = await cluster.kubectl('get --raw /api/v1/nodes/simulated-2/proxy/stats/summary');
    assert.equal(JSON.parse(summary).node.nodeName, 'simulated-2');
    assert.match(await inside.refused('logs web -c main'), /NotFound|could not find the requested resource/);
  });

  test('a pod that is not there', async () => {
    assert.match(await inside.refused('top pod gone'), /NotFound.*pods\.metrics\.k8s\.io "gone" not found/);
  });

  test('the metrics API is told of, and may be read by those who may view', async () => {
    const services = await cluster.kubectl('get apiservice v1beta1.metrics.k8s.io');
    assert.match(services, /v1beta1\.metrics\.k8s\.io\s+Local\s+True/);
    assert.match(await cluster.kubectl('api-resources --api-group=metrics.k8s.io'), /NodeMetrics[\s\S]*PodMetrics/);
    await inside.kubectl('create serviceaccount viewer');
    await inside.kubectl('create rolebinding viewer --clusterrole=view --serviceaccount=top:viewer');
    const as = '--as=system:serviceaccount:top:viewer';
    assert.equal((await inside.kubectl(`auth can-i list pods.metrics.k8s.io ${as}`)).trim(), 'yes');
    assert.equal(rows(await inside.kubectl(`top pods ${as}`)).length, 2);
    assert.match(await cluster.refused(`top nodes ${as}`), /Forbidden/);
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});

// Stateful sets and daemon sets under the real kubectl, with the real scheduler, on simulated nodes: what kubectl rollout
// reads in their revisions, and puts back from them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 3 });
});
after(() => cluster[Symbol.asyncDispose]());

function manifest(kind: 'StatefulSet' | 'DaemonSet', spec: object): string {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  });
}

describe('kubectl and sets', () => {
  for (const { kind, spec, done } of [
    {
      kind: 'StatefulSet',
      spec: { replicas: 3, serviceName: 'web' },
      done: /partitioned roll out complete: 3 new pods have been updated/,
    },
    { kind: 'DaemonSet', spec: {}, done: /daemon set "web" successfully rolled out/ },
  ] as const) {
    test(`rollouts of a ${kind}: status, history, undo, restart`, async () => {
      const { kubectl: run } = await cluster.inNamespace(kind.toLowerCase());
      const set = `${kind.toLowerCase()}/web`;
      const images = async () => {
        const path = 'jsonpath={.items[*].spec.containers[0].image}';
        return run(['get', 'pods', '-l', 'app=web', '-o', path]);
      };
      const rolledOut = async () => assert.match(await run(`rollout status ${set} --timeout=60s`), done);
      await run('create -f -', { stdin: manifest(kind, spec) });
      await rolledOut();
      await run(`set image ${set} c=nginx:2`);
      await rolledOut();
      assert.equal(await images(), 'nginx:2 nginx:2 nginx:2');
      assert.match(await run(`rollout history ${set}`), /\n1 +<none>\n2 +<none>\n/);
      assert.match(await run(`rollout history ${set} --revision=1`), /Image:\s+nginx:1\n/);
      assert.match(await run(`rollout undo ${set}`), /rolled back\n$/);
      await rolledOut();
      assert.equal(await images(), 'nginx:1 nginx:1 nginx:1');
      assert.match(await run(`rollout history ${set}`), /\n2 +<none>\n3 +<none>\n/);
      await run(`rollout restart ${set}`);
      await rolledOut();
      assert.match(await run('get controllerrevisions'), new RegExp(`\\nweb-\\w+ +${kind.toLowerCase()}.apps/web +4 `));
      assert.match(await run(`describe ${set}`), /Normal +SuccessfulCreate +\d+s/);
      await run(`delete ${set}`);
      await run('wait --for=delete pod --selector=app=web --timeout=20s');
      await run('wait --for=delete controllerrevision --selector=app=web --timeout=20s');
    });
  }

  test('no failure that nobody has foreseen was logged', () => assert.deepEqual(cluster.errors, []));
});

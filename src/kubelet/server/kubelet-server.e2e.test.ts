// What the node's server answers and streams, with real containers. Needs Linux and root.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../../test/support/kubelet-node.ts';
import { namespace, nodePods, shell, until, untilTold } from '../../../test/support/node-pods.ts';

const skip = await installNodeTools();

describe('kubelet server', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
    await create('served', {
      containers: [
        shell(untilTold(), { livenessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } }),
        shell('cat; echo over', { name: 'reader', stdin: true, stdinOnce: true }),
      ],
    });
    await podWhen('served', 'runs', ({ status }) => status.phase === 'Running');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, podWhen, ask, exec } = nodePods(() => node);
  const series = async (path: string, pattern: RegExp) =>
    until(`${path} has ${pattern}`, async () => pattern.exec((await ask(path)).text)?.[1]);

  test('says that it is healthy, and nothing of what it does not check', async () => {
    for (const path of ['/healthz', '/healthz/ping', '/healthz/syncloop']) {
      assert.deepEqual(await ask(path), { status: 200, text: 'ok' });
    }
    assert.equal((await ask('/healthz/nonsense')).status, 404);
  });

  test('has the figures that dashboards draw', async () => {
    const labels = `container="main",id="[^"]+",image="[^"]*",name="[0-9a-f]{64}",namespace="${namespace}",pod="served"`;
    const of = (name: string, more = '') => new RegExp(`^${name}\\{${labels}${more}\\} (\\S+)`, 'm');
    assert.ok(Number(await series('/metrics/cadvisor', of('container_cpu_usage_seconds_total', ',cpu="total"'))) > 0);
    assert.ok(Number(await series('/metrics/cadvisor', of('container_memory_working_set_bytes'))) > 0);
    await series('/metrics/cadvisor', /^container_network_receive_bytes_total\{[^}]*interface="[^"]+"\} (\d+)/m);
    await series('/metrics/cadvisor', /^(machine_memory_bytes) \d+/m);
    await series(
      '/metrics/probes',
      /^prober_probe_total\{container="main",[^}]*probe_type="Liveness",result="successful"\} ([1-9])/m,
    );
    await series('/metrics', /^kubelet_running_pods (1)/m);
    await series('/metrics', /^kubelet_running_containers\{container_state="running"\} (2)/m);
  });

  test('shows its settings and the logs of its machine', async () => {
    const { kubeletconfig } = JSON.parse((await ask('/configz')).text);
    assert.deepEqual([kubeletconfig.maxPods, kubeletconfig.staticPodPath], [110, node.staticPodPath]);
    assert.match((await ask('/logs/')).text, /<a href="/);
    assert.equal((await ask('/logs/no-such-file')).status, 404);
    assert.equal((await ask('/logs/%2e%2e%2fpasswd')).status, 404);
  });

  test('says that the runtime has no checkpoints', async () => {
    const { status, text } = await ask(`/checkpoint/${namespace}/served/main`, 'POST');
    assert.equal(status, 500);
    assert.match(text, /^checkpointing of default\/served\/main failed \(rpc error: code = Unimplemented/);
    assert.equal((await ask(`/checkpoint/${namespace}/served/nobody`, 'POST')).status, 404);
  });

  test('runs a command over v4.channel.k8s.io, whose input has no end', async () => {
    const { stdout, status } = await exec('served', ['sh', '-c', 'read line; echo "got $line"; exit 3'], {
      stdin: Buffer.from('word\n'),
      protocol: 'v4.channel.k8s.io',
    });
    assert.equal(stdout, 'got word\n');
    assert.equal(JSON.parse(status).details.causes[0].message, '3');
  });

  test('tells clients of the first protocol in words that a command has failed, and nothing of its success', async () => {
    const protocol = 'channel.k8s.io';
    const failed = await exec('served', ['sh', '-c', 'echo out; exit 3'], { protocol });
    assert.equal(failed.stdout, 'out\n');
    assert.match(failed.status, /^command terminated with non-zero exit code/);
    assert.deepEqual(await exec('served', ['echo', 'out'], { protocol }), { stdout: 'out\n', stderr: '', status: '' });
  });

  test('attaches to a container, and ends its input when the client does', async () => {
    const { stdout } = await exec('served', [], {
      container: 'reader',
      verb: 'attach',
      stdin: Buffer.from('all of it\n'),
    });
    assert.equal(stdout, 'all of it\nover\n');
  });
});

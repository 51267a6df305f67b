// The real kubectl, new and old, streams to and from real containers through the API server. Needs Linux and root.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { get as httpGet } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { kubectlPath, type RunResult, runKubectl } from '../../../test/support/kubectl.ts';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../../test/support/kubelet-node.ts';
import { nodePods, shell, until, untilTold } from '../../../test/support/node-pods.ts';

const skip = await installNodeTools();

describe('kubectl', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
    await create('streams', {
      containers: [
        shell(untilTold()),
        { name: 'web', image: 'echo:latest', imagePullPolicy: 'IfNotPresent', ports: [{ containerPort: 80 }] },
      ],
    });
    await whenReady('streams');
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, whenReady, podWhen } = nodePods(() => node);

  for (const minor of [35, 27]) {
    describe(`1.${minor}`, { concurrency: 2 }, () => {
      const kubectl = (args: readonly string[], stdin?: string): Promise<RunResult> =>
        runKubectl(args, { minor, kubeconfig: node.kubeconfig, ...(stdin === undefined ? {} : { stdin }) });

      test('exec: both outputs and the exit code', async () => {
        const command = ['sh', '-c', 'echo out; echo err >&2; exit 4'];
        const { code, stdout, stderr } = await kubectl(['exec', 'streams', '-c', 'main', '--', ...command]);
        assert.deepEqual([code, stdout], [4, 'out\n']);
        assert.match(stderr, /^err\ncommand terminated with exit code 4$/m);
      });

      test('exec: the end of the input reaches the command', async () => {
        const much = 'typernetes '.repeat(50_000);
        const command = ['sh', '-c', 'wc -c; echo over'];
        const { stdout, stderr } = await kubectl(['exec', '-i', 'streams', '-c', 'main', '--', ...command], much);
        assert.equal(stdout, `${much.length}\nover\n`, stderr);
      });

      test('attach: input, output and the end', async () => {
        const name = `attached-${minor}`;
        await create(name, {
          restartPolicy: 'Never',
          containers: [shell('cat; echo over', { stdin: true, stdinOnce: true })],
        });
        await podWhen(name, 'runs', ({ status }) => status.phase === 'Running');
        const { stdout, stderr } = await kubectl(['attach', '-i', name], 'some words\n');
        assert.match(stdout, /^some words\nover$/m, stderr);
        await podWhen(name, 'is over', ({ status }) => status.phase === 'Succeeded');
      });

      test('port-forward: requests reach the container', async () => {
        const program = await kubectlPath({ minor });
        const args = ['port-forward', 'pod/streams', ':80', '--address', '127.0.0.1'];
        const child = spawn(program, args, { env: { KUBECONFIG: node.kubeconfig, HOME: node.dataDir } });
        const ended = new Promise((resolve) => child.once('close', resolve));
        try {
          const complaints = text(child.stderr);
          const port = await new Promise<string>((resolve, reject) => {
            createInterface({ input: child.stdout }).on('line', (line) => {
              const found = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
              if (found) resolve(found);
            });
            child.once('close', async () => reject(new Error(await complaints)));
          });
          for (let times = 0; times < 3; times++) {
            const status = await new Promise((resolve, reject) => {
              httpGet({ host: '127.0.0.1', port, agent: false }, (response) => {
                response.resume();
                resolve(response.statusCode);
              }).on('error', reject);
            });
            assert.equal(status, 200);
          }
        } finally {
          child.kill();
          await ended;
        }
      });

      test('debug: an ephemeral container beside the others', async () => {
        const name = `debugger-${minor}`;
        const options = [`--container=${name}`, '--image=busybox:latest', '--target=main', '--profile=general'];
        const { code, stderr } = await kubectl(['debug', 'streams', ...options, '--', 'sleep', '30']);
        assert.equal(code, 0, stderr);
        await podWhen('streams', 'has its debugger', ({ status }) =>
          status.ephemeralContainerStatuses?.some((one) => one.name === name && one.state?.running !== undefined),
        );
        const { stdout } = await kubectl(['exec', 'streams', '-c', name, '--', 'cat', '/proc/1/cmdline']);
        assert.match(stdout, /trap 'exit 0' TERM/);
      });

      test('logs and cp', async () => {
        const { stdout } = await kubectl(['exec', 'streams', '-c', 'main', '--', 'sh', '-c', 'echo kept > /tmp/kept']);
        assert.equal(stdout, '');
        const copy = `${node.dataDir}/copy-${minor}`;
        const { code, stderr } = await kubectl(['cp', '-c', 'main', 'streams:/tmp/kept', copy]);
        assert.equal(code, 0, stderr);
        await until('there is a log', async () => (await kubectl(['logs', 'streams', '-c', 'main'])).code === 0);
      });
    });
  }
});

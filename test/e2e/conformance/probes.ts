// When containers are ready, and when they are started anew for being ill. Nobody is watched for minutes: a container has
// not been restarted when several probes of it have been made since. Upstream: test/e2e/common/node/container_probe.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import type { ContainerInput } from '../../support/kubelet-objects.ts';
import { askServer, conditionOf, echoServer, isReady, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { recordEvents } from './event-log.ts';

type Probe = NonNullable<ContainerInput['livenessProbe']>;
type Outcome = 'successful' | 'failed';

/** Probes after which nothing else is expected to happen any more. */
const ENOUGH = 6;
const INITIAL_DELAY_SECONDS = 5;
/** Four of the waits between restarts, which double from 10 s on, and what starting takes. */
const FIVE_RESTARTS_MS = 240_000;

export function probeTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Probing container ${name}`, body);
  /** Made each second; one failure is enough. */
  const ill = (probe: Probe): Probe => ({ periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 1, ...probe });
  /** Not before the container has had the time to begin. */
  const patient = (probe: Probe): Probe => ill({ initialDelaySeconds: INITIAL_DELAY_SECONDS, ...probe });
  const file = { exec: { command: ['cat', '/tmp/health'] } };
  const healthyFor = (seconds: number) => ill({ httpGet: { path: `/healthy/${seconds}`, port: 80 } });

  // First, because it takes longest: 10, 20, 40 and 80 seconds pass between the restarts.
  test('should have monotonically increasing restart count', async (scene) => {
    await create(scene, echoServer({ livenessProbe: healthyFor(2) }));
    await restarts(scene, 5, FIVE_RESTARTS_MS);
  });

  test('with readiness probe should not be ready before initial delay and never restart', async (scene) => {
    const readinessProbe = {
      httpGet: { path: '/', port: 80 },
      initialDelaySeconds: INITIAL_DELAY_SECONDS,
      periodSeconds: 1,
    };
    await create(scene, echoServer({ readinessProbe }));
    const pod = await scene.whenReady('probed');
    const [main] = pod.status.containerStatuses ?? [];
    const ready = Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '');
    const started = Date.parse(main?.state?.running?.startedAt ?? '');
    assert.ok(ready - started >= INITIAL_DELAY_SECONDS * 1000, `started ${started}, ready ${ready}`);
    assert.equal(main?.restartCount, 0);
  });

  test('with readiness probe that fails should never be ready and never restart', async (scene) => {
    const { client, namespace, get } = scene;
    await using log = recordEvents(client, Pod, { namespace });
    await create(scene, echoServer({ readinessProbe: { httpGet: { path: '/', port: 81 }, periodSeconds: 1 } }));
    await probesMade(scene, 'Readiness', 'failed');
    assert.deepEqual(
      log.events.filter(({ object }) => isReady(object)),
      [],
    );
    assert.equal((await get('probed')).status.containerStatuses?.[0]?.restartCount, 0);
  });

  test('should be restarted with a exec "cat /tmp/health" liveness probe', async (scene) => {
    const livenessProbe = ill({ ...file, initialDelaySeconds: 1 });
    await create(scene, shell(untilTold('echo ok > /tmp/health; sleep 2; rm /tmp/health'), { livenessProbe }));
    await restarts(scene, 1);
  });

  test('should be restarted with a /healthz http liveness probe', async (scene) => {
    await create(scene, echoServer({ livenessProbe: healthyFor(2) }));
    await restarts(scene, 1);
  });

  test('should be restarted with a GRPC liveness probe', async (scene) => {
    await create(scene, echoServer({ livenessProbe: ill({ grpc: { port: 2333 }, initialDelaySeconds: 2 }) }));
    await restarts(scene, 1);
  });

  const well: readonly (readonly [string, ContainerInput])[] = [
    ['exec "cat /tmp/health"', shell(untilTold('echo ok > /tmp/health'), { livenessProbe: patient(file) })],
    [
      '/healthz http',
      echoServer({ livenessProbe: patient({ httpGet: { path: '/', port: 80 }, failureThreshold: 5 }) }),
    ],
    ['tcp:8080', echoServer({ args: ['http=8080'], livenessProbe: patient({ tcpSocket: { port: 8080 } }) })],
    ['GRPC', echoServer({ livenessProbe: patient({ grpc: { port: 50051 } }) })],
  ];
  for (const [what, container] of well) {
    test(`should *not* be restarted with a ${what} liveness probe`, async (scene) => {
      await create(scene, container);
      await probesMade(scene, 'Liveness', 'successful');
      const { status } = await scene.get('probed');
      assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
    });
  }
}

async function create(scene: Scene, container: ContainerInput): Promise<void> {
  await scene.create('probed', { containers: [container] });
}

/** The count of restarts becomes this one, without ever having become less. */
async function restarts({ client, namespace }: Scene, expected: number, limitMs = 60_000): Promise<void> {
  await using log = recordEvents(client, Pod, { namespace, fieldSelector: 'metadata.name=probed' });
  const countOf = ({ object }: { readonly object: Pod }) => object.status.containerStatuses?.[0]?.restartCount ?? 0;
  await log.when(`it has been restarted ${expected} times`, (event) => countOf(event) >= expected, { limitMs });
  const counts = log.events.map(countOf);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
  assert.equal(counts.at(-1), expected);
}

/** Resolves when the node has made enough probes of the kind that ended like this, as it says in its metrics. */
async function probesMade(scene: Scene, kind: 'Liveness' | 'Readiness', outcome: Outcome): Promise<void> {
  const { access, namespace, podWhen } = scene;
  const { spec } = await podWhen('probed', 'has a node', (pod) => pod.spec.nodeName !== undefined);
  const labels = [`namespace="${namespace}"`, 'pod="probed"', `probe_type="${kind}"`, `result="${outcome}"`];
  const made = async () => {
    const { text } = await askServer(access, `/api/v1/nodes/${spec.nodeName}/proxy/metrics/probes`);
    const line = text.split('\n').find((each) => labels.every((label) => each.includes(label)));
    return Number(line?.slice(line.lastIndexOf(' ')) ?? 0);
  };
  await until(`${ENOUGH} probes`, async () => (await made()) >= ENOUGH, { pollMs: 250 });
}

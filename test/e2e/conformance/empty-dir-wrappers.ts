// Volumes that upstream builds on an empty directory, many in one pod (upstream: test/e2e/storage/empty_dir_wrapper.go).

import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ReplicationController } from '../../../src/api/core/replication-controller.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { shell, untilTold } from '../../support/node-pods.ts';
import { eventually } from '../test-cluster.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const VOLUMES = 50;
const PODS = 5;
const ROUNDS = 3;

export function emptyDirWrapperTests(conformance: Conformance): void {
  conformance('[sig-storage] EmptyDir wrapper volumes should not conflict', noConflict);
  conformance(
    '[sig-storage] EmptyDir wrapper volumes should not cause race condition when used for configmaps',
    noRace,
  );
}

async function noConflict({ client, namespace, create, whenReady }: Scene): Promise<void> {
  const metadata = { name: 'values', namespace };
  const data = { 'data-1': 'dmFsdWUtMQo=' };
  await client.create(Secret, { metadata, data });
  await client.create(ConfigMap, { metadata, binaryData: data });
  await create('reader', {
    volumes: [
      { name: 'secret', secret: { secretName: 'values' } },
      { name: 'config-map', configMap: { name: 'values' } },
    ],
    containers: [
      shell(untilTold('cmp /etc/secret/data-1 /etc/config-map/data-1 || exit 1'), {
        volumeMounts: [
          { name: 'secret', mountPath: '/etc/secret', readOnly: true },
          { name: 'config-map', mountPath: '/etc/config-map' },
        ],
      }),
    ],
  });
  await whenReady('reader');
}

async function noRace({ client, namespace, nodes }: Scene): Promise<void> {
  const names = Array.from({ length: VOLUMES }, (_, index) => `racey-${index}`);
  for (const name of names)
    await client.create(ConfigMap, { metadata: { name, namespace }, data: { 'data-1': 'value-1' } });
  const volumes = names.map((name) => ({ name, configMap: { name, items: [{ key: 'data-1', path: 'data-1' }] } }));
  const volumeMounts = names.map((name) => ({ name, mountPath: `/etc/${name}` }));
  for (let round = 0; round < ROUNDS; round++) {
    const labels = { round: String(round) };
    await client.create(ReplicationController, {
      metadata: { name: `race-${round}`, namespace },
      spec: {
        replicas: PODS,
        selector: labels,
        template: {
          metadata: { labels },
          spec: {
            nodeSelector: { 'kubernetes.io/hostname': nodes[round % nodes.length]! },
            dnsPolicy: 'Default',
            terminationGracePeriodSeconds: 5,
            volumes,
            containers: [shell(untilTold(), { volumeMounts })],
          },
        },
      },
    });
    await eventually(
      `${PODS} pods run in round ${round}`,
      () => client.list(Pod, { namespace, labelSelector: `round=${round}` }),
      ({ items }) => items.length === PODS && items.every(({ status }) => status.phase === 'Running'),
      { withinMs: 120_000 },
    );
  }
}

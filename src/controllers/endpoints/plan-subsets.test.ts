import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import { MAX_ADDRESSES, planSubsets } from './plan-subsets.ts';

function service(spec: Partial<Service['spec']> = {}): Service {
  const ports = [{ name: 'http', port: 80, targetPort: 'web' }];
  return { metadata: { namespace: 'default', name: 'web' }, spec: { clusterIP: '10.96.0.1', ports, ...spec } } as never;
}

interface Traits {
  readonly ips?: readonly string[];
  readonly port?: number;
  readonly ready?: boolean;
  readonly deleting?: boolean;
  readonly phase?: string;
}

function pod(
  name: string,
  { ips = ['10.0.0.1'], port = 8080, ready = true, deleting, phase = 'Running' }: Traits = {},
) {
  return {
    metadata: {
      namespace: 'default',
      name,
      uid: name,
      ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'n', containers: [{ ports: [{ name: 'web', containerPort: port }] }] },
    status: {
      phase,
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  } as unknown as Pod;
}

const shown = (of: Service, pods: readonly Pod[]) =>
  planSubsets(of, pods).subsets.map(({ addresses, notReadyAddresses, ports }) => [
    addresses?.map(({ ip }) => ip).join(),
    notReadyAddresses?.map(({ ip }) => ip).join(),
    ports?.map(({ port }) => port).join(),
  ]);

test('planSubsets groups pods by the ports that they are reached by', () => {
  const four = pod('a', { ips: ['10.0.0.1', 'fd00::1'] });
  const cases: readonly [what: string, of: Service, pods: readonly Pod[], wanted: readonly (readonly unknown[])[]][] = [
    [
      'ready and not',
      service(),
      [pod('a'), pod('b', { ips: ['10.0.0.2'], ready: false })],
      [['10.0.0.1', '10.0.0.2', '8080']],
    ],
    [
      'several ports',
      service(),
      [pod('a'), pod('b', { ips: ['10.0.0.2'], port: 9090 })],
      [
        ['10.0.0.1', undefined, '8080'],
        ['10.0.0.2', undefined, '9090'],
      ],
    ],
    [
      'published whatever they are',
      service({ publishNotReadyAddresses: true }),
      [pod('a', { ready: false, deleting: true })],
      [['10.0.0.1', undefined, '8080']],
    ],
    ['those that go', service(), [pod('a', { deleting: true })], []],
    ['those that have ended', service({ publishNotReadyAddresses: true }), [pod('a', { phase: 'Succeeded' })], []],
    ['the first family', service({ ipFamilies: ['IPv6', 'IPv4'] }), [four], [['fd00::1', undefined, '8080']]],
    ['no address of the family', service({ ipFamilies: ['IPv6'] }), [pod('a')], []],
    [
      'headless, without ports',
      service({ clusterIP: 'None', ports: [] }),
      [pod('a')],
      [['10.0.0.1', undefined, undefined]],
    ],
    [
      'a port that the pod has not',
      service({ ports: [{ name: 'x', port: 1, targetPort: 'x' }] as never }),
      [pod('a')],
      [],
    ],
  ];
  for (const [what, of, pods, wanted] of cases) assert.deepEqual(shown(of, pods), wanted, what);
});

test('planSubsets keeps a share of each subset when there are too many', () => {
  const many = (count: number, port: number, ready: boolean) =>
    Array.from({ length: count }, (_, i) =>
      pod(`${port}-${ready}-${i}`, { ips: [`10.${port % 250}.${Math.floor(i / 250)}.${i % 250}`], port, ready }),
    );
  const counts = (pods: readonly Pod[]) => {
    const { subsets, isTruncated } = planSubsets(service(), pods);
    const sizes = subsets.map(({ addresses, notReadyAddresses }) => [
      addresses?.length ?? 0,
      notReadyAddresses?.length ?? 0,
    ]);
    return [isTruncated, ...sizes];
  };
  assert.deepEqual(counts(many(MAX_ADDRESSES, 80, true)), [false, [1000, 0]]);
  assert.deepEqual(counts([...many(900, 80, true), ...many(300, 80, false)]), [true, [900, 100]]);
  assert.deepEqual(counts([...many(1200, 80, true), ...many(300, 81, true), ...many(9, 80, false)]), [
    true,
    [800, 0],
    [200, 0],
  ]);
});

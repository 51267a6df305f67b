import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { service, slice } from '../../../test/support/service-objects.ts';
import type { Service } from '../../api/core/service.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { type DnsRecord, lookup, type ZoneSource } from './zone.ts';

const DOMAIN = 'cluster.local';

function sourceOf(services: readonly Service[], slices: readonly EndpointSlice[]): ZoneSource {
  return {
    service: (namespace, name) =>
      services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    slices: (namespace, name) =>
      slices.filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
      ),
    hasServices: (namespace) => services.some(({ metadata }) => metadata.namespace === namespace),
    servicesAt: (ip) => services.filter(({ spec }) => spec.clusterIP === ip),
    endpointsAt: (ip) =>
      slices.flatMap((from) =>
        (from.endpoints ?? [])
          .filter(({ addresses }) => addresses?.includes(ip))
          .map((endpoint) => ({ slice: from, endpoint })),
      ),
  };
}

const HEADLESS = { clusterIP: 'None' } as const;
const source = sourceOf(
  [
    service('web', {
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    }),
    service('dual', { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20', 'fd00::20'] }),
    service('db', HEADLESS),
    service('asleep', HEADLESS),
    service('eager', { ...HEADLESS, publishNotReadyAddresses: true }),
    service('out', { type: 'ExternalName', externalName: 'db.example.com', clusterIP: '' }),
    service('web', { clusterIP: '10.96.0.11' }, { namespace: 'other' }),
  ],
  [
    slice('web', [{ ip: '10.244.0.9', hostname: 'nine' }]),
    slice('db', [{ ip: '10.244.0.5', hostname: 'db-0' }, { ip: '10.244.0.6' }, { ip: '10.244.0.7', ready: false }]),
    slice('asleep', [{ ip: '10.244.0.8', ready: false }]),
    slice('eager', [{ ip: '10.244.0.8', ready: false }]),
  ],
);

/** What comes out of it, short. */
function resolved(name: string, type: string): string {
  const found = lookup(source, DOMAIN, name, type);
  if (found.result !== 'found') return found.result;
  return found.answers.map(show).join(' ') || 'empty';
}

function show(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address;
    case 'SRV':
      return `${record.weight}/${record.port}/${record.target}`;
    case 'TXT':
      return record.text;
    default:
      return record.target;
  }
}

describe('lookup', () => {
  const cases: readonly (readonly [name: string, type: string, expected: string])[] = [
    ['web.default.svc.cluster.local', 'A', '10.96.0.10'],
    ['WEB.Default.SVC.Cluster.Local', 'A', '10.96.0.10'],
    ['web.other.svc.cluster.local', 'A', '10.96.0.11'],
    ['web.default.svc.cluster.local', 'AAAA', 'empty'],
    ['web.default.svc.cluster.local', 'MX', 'empty'],
    ['dual.default.svc.cluster.local', 'A', '10.96.0.20'],
    ['dual.default.svc.cluster.local', 'AAAA', 'fd00::20'],
    ['dual.default.svc.cluster.local', 'ANY', '10.96.0.20 fd00::20'],
    ['nobody.default.svc.cluster.local', 'A', 'missing'],
    ['web.nowhere.svc.cluster.local', 'A', 'missing'],
    ['nine.web.default.svc.cluster.local', 'A', '10.244.0.9'],
    ['eight.web.default.svc.cluster.local', 'A', 'missing'],
    ['a.b.c.web.default.svc.cluster.local', 'A', 'missing'],

    ['db.default.svc.cluster.local', 'A', '10.244.0.5 10.244.0.6'],
    ['db-0.db.default.svc.cluster.local', 'A', '10.244.0.5'],
    ['10-244-0-6.db.default.svc.cluster.local', 'A', '10.244.0.6'],
    ['10-244-0-7.db.default.svc.cluster.local', 'A', 'missing'],
    ['asleep.default.svc.cluster.local', 'A', 'missing'],
    ['eager.default.svc.cluster.local', 'A', '10.244.0.8'],

    ['_http._tcp.web.default.svc.cluster.local', 'SRV', '100/80/web.default.svc.cluster.local'],
    ['_dns._udp.web.default.svc.cluster.local', 'SRV', '100/53/web.default.svc.cluster.local'],
    ['_dns._tcp.web.default.svc.cluster.local', 'SRV', 'missing'],
    ['_http._tcp.web.default.svc.cluster.local', 'A', 'empty'],
    [
      '_web._tcp.db.default.svc.cluster.local',
      'SRV',
      '50/8080/db-0.db.default.svc.cluster.local 50/8080/10-244-0-6.db.default.svc.cluster.local',
    ],
    ['_web._tcp.asleep.default.svc.cluster.local', 'SRV', 'missing'],

    ['out.default.svc.cluster.local', 'A', 'db.example.com'],
    ['out.default.svc.cluster.local', 'CNAME', 'db.example.com'],
    ['in.out.default.svc.cluster.local', 'A', 'missing'],

    ['10-244-0-5.default.pod.cluster.local', 'A', '10.244.0.5'],
    ['10-244-0-5.default.pod.cluster.local', 'AAAA', 'empty'],
    ['name.default.pod.cluster.local', 'A', 'missing'],
    ['a.10-244-0-5.default.pod.cluster.local', 'A', 'missing'],

    ['dns-version.cluster.local', 'TXT', '1.1.0'],
    ['dns-version.cluster.local', 'A', 'empty'],
    ['cluster.local', 'SOA', 'empty'],
    ['svc.cluster.local', 'A', 'empty'],
    ['default.svc.cluster.local', 'A', 'empty'],
    ['nowhere.svc.cluster.local', 'A', 'missing'],
    ['pod.cluster.local', 'A', 'empty'],
    ['else.cluster.local', 'A', 'missing'],
    ['notcluster.local', 'A', 'elsewhere'],
    ['example.com', 'A', 'elsewhere'],
    ['', 'NS', 'elsewhere'],

    ['10.0.96.10.in-addr.arpa', 'PTR', 'web.default.svc.cluster.local'],
    ['5.0.244.10.in-addr.arpa', 'PTR', 'db-0.db.default.svc.cluster.local'],
    ['6.0.244.10.in-addr.arpa', 'PTR', '10-244-0-6.db.default.svc.cluster.local'],
    ['5.0.244.10.in-addr.arpa', 'A', 'empty'],
    ['8.8.8.8.in-addr.arpa', 'PTR', 'elsewhere'],
  ];
  for (const [name, type, expected] of cases) {
    test(`${type} ${name}`, () => assert.equal(resolved(name, type), expected));
  }

  test('gives the addresses that SRV records name along with them', () => {
    const found = lookup(source, DOMAIN, '_web._tcp.db.default.svc.cluster.local', 'SRV');
    assert.ok(found.result === 'found');
    assert.deepEqual(
      found.additional.map((record) => `${record.name} ${show(record)}`),
      ['db-0.db.default.svc.cluster.local 10.244.0.5', '10-244-0-6.db.default.svc.cluster.local 10.244.0.6'],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Service } from '../../../api/core/service.ts';
import type { AnyDraft, AnyObject } from '../../../api/kind.ts';
import { IPAddress } from '../../../api/networking/ip-address.ts';
import { conflict, MODIFIED, type StatusError } from '../../../api/status-error.ts';
import { FakeClock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/log.ts';
import { seededRandom } from '../../../base/random.ts';
import { mapClient } from '../map-client.ts';
import { MapObjectReader, type ObjectSketch } from '../map-object-reader.ts';
import { candidates, numberRange } from './number-range.ts';
import { serviceAllocator } from './service-allocator.ts';

const { signal } = new AbortController();

interface SpecSketch {
  readonly type?: string;
  readonly [field: string]: unknown;
}
type Spec = Service['spec'];

/** A server over the same objects: what a restart makes anew. */
const server = (
  objects: MapObjectReader,
  clock = new FakeClock(),
  { serviceCidr = '10.96.0.0/12', nodePorts = { first: 30000, last: 32767 }, seed = 1 } = {},
) => {
  const deps = { objects, client: mapClient(objects), clock, random: seededRandom(seed), log: silentLogger };
  const allocator = serviceAllocator(deps, { serviceCidr, nodePorts });
  const draftOf = (name: string, spec: SpecSketch) =>
    ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'a' },
      spec: structuredClone({
        type: 'ClusterIP',
        ...(spec['clusterIP'] ? { clusterIPs: [spec['clusterIP']] } : {}),
        ...spec,
      }),
    }) as unknown as AnyDraft;
  const current = (name: string) => objects.get(Service, { name, namespace: 'a' });
  /** What the write path does: prepare, write, commit. */
  const write = async (name: string, spec: SpecSketch, { outcome = 'written', dryRun = false } = {}): Promise<Spec> => {
    const previous = current(name);
    const draft = draftOf(name, spec);
    const reservation = previous
      ? await allocator.beforeUpdate?.(draft, previous as unknown as AnyObject, { dryRun })
      : await allocator.beforeCreate?.(draft, { dryRun });
    if (current(name) !== previous) {
      reservation?.release();
      throw conflict({ group: '', resource: 'services' }, name, MODIFIED);
    }
    if (outcome === 'written' && !dryRun) {
      const written = objects.put(Service, draft as unknown as ObjectSketch);
      reservation?.commit(written as unknown as AnyObject);
    } else if (outcome !== 'lost') reservation?.release();
    return (draft as unknown as Service).spec;
  };
  const remove = (name: string) => {
    const object = current(name);
    objects.remove(Service, { name, namespace: 'a' });
    if (object) allocator.afterDelete?.(object as unknown as AnyObject);
  };
  const settled = () => clock.advance(0);
  return { objects, clock, allocator, write, remove, settled };
};

const port = (more: object = {}) => ({ port: 80, protocol: 'TCP', ...more });
const addresses = (objects: MapObjectReader) =>
  objects
    .list(IPAddress)
    .map(({ metadata }) => metadata.name)
    .toSorted();

describe('serviceAllocator: addresses', () => {
  test('gives a free address, and IPv4 alone', async () => {
    const { write, objects } = server(new MapObjectReader());
    const spec = await write('web', { ports: [port()] });
    assert.match(spec.clusterIP ?? '', /^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
    assert.deepEqual(spec.clusterIPs, [spec.clusterIP]);
    assert.deepEqual([spec.ipFamilies, spec.ipFamilyPolicy], [['IPv4'], 'SingleStack']);
    const object = objects.get(IPAddress, { name: spec.clusterIP ?? '' });
    assert.deepEqual(object?.spec.parentRef, { group: '', resource: 'services', namespace: 'a', name: 'web' });
    assert.deepEqual(object?.metadata.labels, {
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    });
  });

  test('gives the address that is asked for, to one service', async () => {
    const { write } = server(new MapObjectReader());
    assert.equal((await write('kubernetes', { clusterIP: '10.96.0.1' })).clusterIP, '10.96.0.1');
    await assert.rejects(write('other', { clusterIP: '10.96.0.1' }), {
      code: 422,
      message:
        'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    });
  });

  const refusals: [string, SpecSketch, string][] = [
    [
      'an address of another network',
      { clusterIP: '10.1.2.3' },
      'spec.clusterIPs: Invalid value: ["10.1.2.3"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range',
    ],
    [
      'the address of the network itself',
      { clusterIP: '10.96.0.0' },
      'spec.clusterIPs: Invalid value: ["10.96.0.0"]: failed to allocate IP 10.96.0.0: the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    ],
    [
      'two families',
      { ipFamilyPolicy: 'RequireDualStack' },
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    ['IPv6', { ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [
      'an IPv6 address',
      { clusterIP: 'fd00::1' },
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
    [
      'two families by a policy for one',
      { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] },
      `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`,
    ],
  ];
  for (const [name, spec, message] of refusals) {
    test(`refuses ${name}`, async () => {
      const { write, objects } = server(new MapObjectReader());
      await assert.rejects(write('web', spec), { message: `Service "web" is invalid: ${message}` });
      assert.deepEqual(addresses(objects), []);
    });
  }

  const without: [string, SpecSketch, Partial<Spec>][] = [
    ['an external name', { type: 'ExternalName' }, {}],
    [
      'a headless service',
      { clusterIP: 'None', selector: { a: 'b' } },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    ],
    [
      'a headless service without a selector',
      { clusterIP: 'None' },
      { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
    ],
  ];
  for (const [name, spec, expected] of without) {
    test(`gives none to ${name}`, async () => {
      const { write, objects } = server(new MapObjectReader());
      const given = await write('web', spec);
      assert.deepEqual({ ...given, ...expected }, given);
      assert.deepEqual(addresses(objects), []);
    });
  }

  test('keeps one family where two are only preferred', async () => {
    const { write } = server(new MapObjectReader());
    assert.deepEqual((await write('web', { ipFamilyPolicy: 'PreferDualStack' })).ipFamilies, ['IPv4']);
  });

  test('takes the address back from a service that goes, and from one that becomes an external name', async () => {
    const { write, remove, settled, objects } = server(new MapObjectReader());
    await write('one', {});
    const two = await write('two', {});
    remove('one');
    await settled();
    assert.deepEqual(addresses(objects), [two.clusterIP]);
    await write('two', { type: 'ExternalName', externalName: 'example.com' });
    await settled();
    assert.deepEqual(addresses(objects), []);
    assert.ok((await write('two', { type: 'ClusterIP' })).clusterIP);
  });

  test('takes it back when the write fails, and can give it again at once', async () => {
    const { write, settled, objects } = server(new MapObjectReader());
    await write('web', { clusterIP: '10.96.0.9' }, { outcome: 'failed' });
    assert.equal((await write('web', { clusterIP: '10.96.0.9' })).clusterIP, '10.96.0.9');
    await settled();
    assert.deepEqual(addresses(objects), ['10.96.0.9']);
  });

  test('keeps nothing of a dry run', async () => {
    const { write, objects } = server(new MapObjectReader());
    assert.ok(
      (await write('web', { type: 'NodePort', ports: [port({ nodePort: 30080 })] }, { dryRun: true })).clusterIP,
    );
    assert.deepEqual(addresses(objects), []);
    await write('web', { type: 'NodePort', ports: [port({ nodePort: 30080 })] });
    await assert.rejects(write('other', { clusterIP: addresses(objects)[0] }, { dryRun: true }), { code: 422 });
  });

  test('says when there are no more', async () => {
    const { write } = server(new MapObjectReader(), new FakeClock(), { serviceCidr: '10.0.0.0/29' });
    for (let i = 0; i < 6; i++) await write(`s${i}`, {});
    await assert.rejects(write('last', {}), {
      code: 500,
      message: 'Internal error occurred: failed to allocate a serviceIP: range is full',
    });
  });

  test('leaves an address alone that another service holds', async () => {
    const objects = new MapObjectReader();
    const { write, remove, settled, allocator } = server(objects);
    await write('one', { clusterIP: '10.96.0.7' });
    objects.put(Service, {
      metadata: { name: 'thief', namespace: 'a' },
      spec: { type: 'ClusterIP', clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] },
    });
    await allocator.repair({ signal });
    remove('thief');
    await settled();
    assert.deepEqual(addresses(objects), ['10.96.0.7']);
  });
});

describe('serviceAllocator: repair', () => {
  test('makes addresses for the services that there are, and changes nothing that is right', async () => {
    const objects = new MapObjectReader();
    objects.put(Service, {
      metadata: { name: 'old', namespace: 'a' },
      spec: { type: 'ClusterIP', clusterIPs: ['10.96.3.4'] },
    });
    objects.put(Service, {
      metadata: { name: 'far', namespace: 'a' },
      spec: { type: 'ClusterIP', clusterIPs: ['10.1.2.3'] },
    });
    const { allocator, write } = server(objects);
    await allocator.repair({ signal });
    assert.deepEqual(addresses(objects), ['10.96.3.4']);
    const before = objects.list(IPAddress);
    await allocator.repair({ signal });
    assert.deepEqual(objects.list(IPAddress), before);
    await assert.rejects(write('new', { clusterIP: '10.96.3.4' }), /already allocated/);
  });

  test('takes back what a write left behind that did not happen, after a while, and nothing of others', async () => {
    const objects = new MapObjectReader();
    const { write } = server(objects);
    await write('lost', { clusterIP: '10.96.0.8' }, { outcome: 'lost' });
    objects.put(IPAddress, { metadata: { name: '10.96.0.99' }, spec: { parentRef: { resource: 'x', name: 'y' } } });
    const { allocator, clock } = server(objects);
    await allocator.repair({ signal });
    assert.deepEqual(addresses(objects), ['10.96.0.8', '10.96.0.99']);
    await clock.advance(61_000);
    await allocator.repair({ signal });
    assert.deepEqual(addresses(objects), ['10.96.0.99']);
  });
});

describe('serviceAllocator: node ports', () => {
  const nodePorts = (spec: Spec) => (spec.ports ?? []).map(({ nodePort }) => nodePort);

  test('gives a free port, the same for both protocols of a port', async () => {
    const { write } = server(new MapObjectReader());
    const dns = [
      port({ name: 'tcp', port: 53 }),
      port({ name: 'udp', port: 53, protocol: 'UDP' }),
      port({ name: 'web' }),
    ];
    const [tcp, udp, web] = nodePorts(await write('dns', { type: 'NodePort', ports: dns }));
    assert.equal(tcp, udp);
    assert.notEqual(tcp, web);
    for (const each of [tcp!, web!]) assert.ok(each >= 30086 && each <= 32767, `${each}`);
  });

  test('gives the port that is asked for, to one service', async () => {
    const { write } = server(new MapObjectReader());
    assert.deepEqual(nodePorts(await write('one', { type: 'NodePort', ports: [port({ nodePort: 30080 })] })), [30080]);
    await assert.rejects(write('two', { type: 'NodePort', ports: [port(), port({ port: 81, nodePort: 30080 })] }), {
      code: 422,
      message:
        'Service "two" is invalid: spec.ports[1].nodePort: Invalid value: 30080: provided port is already allocated',
    });
    await assert.rejects(write('two', { type: 'NodePort', ports: [port({ nodePort: 80 })] }), {
      message:
        'Service "two" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    });
  });

  test('gives nothing away when one of several cannot be had', async () => {
    const { write, settled, objects } = server(new MapObjectReader());
    await write('one', { type: 'NodePort', ports: [port({ nodePort: 30080 })] });
    const both = [port({ nodePort: 30081 }), port({ port: 81, nodePort: 30080 })];
    await assert.rejects(write('two', { type: 'NodePort', ports: both }));
    await settled();
    assert.equal(addresses(objects).length, 1);
    assert.deepEqual(
      nodePorts(await write('three', { type: 'NodePort', ports: [port({ nodePort: 30081 })] })),
      [30081],
    );
  });

  test('keeps, adds and takes back ports on updates', async () => {
    const { write } = server(new MapObjectReader());
    await write('web', { type: 'NodePort', ports: [port({ nodePort: 30080 })] });
    await write('web', { type: 'NodePort', ports: [port({ nodePort: 30080 }), port({ port: 81, nodePort: 30081 })] });
    await write('web', { type: 'NodePort', ports: [port({ nodePort: 30082 })] });
    await write('other', { type: 'NodePort', ports: [port({ nodePort: 30080 }), port({ port: 81, nodePort: 30081 })] });
    await write('web', { type: 'ClusterIP', ports: [port()] });
    await write('third', { type: 'NodePort', ports: [port({ nodePort: 30082 })] });
  });

  test('gives none to a load balancer that wants none, but for its health check', async () => {
    const { write } = server(new MapObjectReader());
    const spec = {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Local',
      ports: [port()],
    };
    const given = await write('lb', spec);
    assert.deepEqual(nodePorts(given), [undefined]);
    assert.ok(given.healthCheckNodePort! >= 30000);
    await assert.rejects(write('two', { ...spec, healthCheckNodePort: given.healthCheckNodePort }), {
      code: 500,
      message: `Internal error occurred: failed to allocate requested HealthCheck NodePort ${given.healthCheckNodePort}: provided port is already allocated`,
    });
    await write('lb', { ...spec, externalTrafficPolicy: 'Cluster', clusterIP: given.clusterIP });
    await write('two', { ...spec, healthCheckNodePort: given.healthCheckNodePort });
  });

  test('holds a port of which nobody knows whether it was written, for a minute', async () => {
    const { write, clock } = server(new MapObjectReader());
    const spec = { type: 'NodePort', ports: [port({ nodePort: 30080 })] };
    await write('lost', spec, { outcome: 'lost' });
    await assert.rejects(write('web', spec), /already allocated/);
    await clock.advance(61_000);
    await write('web', spec);
  });

  test('knows the ports of services that were there before it', async () => {
    const objects = new MapObjectReader();
    await server(objects).write('old', { type: 'NodePort', ports: [port({ nodePort: 30080 })] });
    const restarted = server(objects);
    await assert.rejects(
      restarted.write('new', { type: 'NodePort', ports: [port({ nodePort: 30080 })] }),
      /already allocated/,
    );
  });
});

describe('serviceAllocator: model', () => {
  /** Random writes, failures, losses and restarts: whatever happens, no two services have the same. */
  test('never gives the same address or port twice', async () => {
    const random = seededRandom(42);
    const pick = (count: number) => Math.floor(random.next() * count);
    const objects = new MapObjectReader();
    const clock = new FakeClock();
    const options = { serviceCidr: '10.0.0.0/27', nodePorts: { first: 30000, last: 30019 } };
    let current = server(objects, clock, { ...options, seed: 7 });
    let refused = 0;
    for (let step = 0; step < 1500; step++) {
      const names = [`s${pick(12)}`, `s${pick(12)}`];
      const action = pick(20);
      if (action === 0) current = server(objects, clock, { ...options, seed: step });
      else if (action === 1) await current.allocator.repair({ signal });
      else if (action < 6) current.remove(names[0]!);
      else if (action === 6) await clock.advance(61_000);
      else {
        const outcome = pick(8) === 0 ? 'lost' : pick(5) === 0 ? 'failed' : 'written';
        const writes = names.map((name) => {
          const previous = objects.get(Service, { name, namespace: 'a' });
          const keep = previous?.spec.type === 'NodePort' ? { clusterIP: previous.spec.clusterIP } : {};
          const wanted = pick(3) === 0 ? { nodePort: 30000 + pick(20) } : {};
          const spec = pick(4) === 0 ? { type: 'ExternalName' } : { type: 'NodePort', ...keep, ports: [port(wanted)] };
          return current.write(name, spec, { outcome });
        });
        for (const result of await Promise.allSettled(writes)) {
          if (result.status === 'fulfilled') continue;
          refused++;
          assert.ok([409, 422, 500].includes((result.reason as StatusError).code), String(result.reason));
        }
      }
      const live = objects.list(Service).filter(({ spec }) => spec.type === 'NodePort');
      const given = live.map(({ spec }) => [spec.clusterIP, String(spec.ports?.[0]?.nodePort)]);
      for (const values of [given.map(([address]) => address), given.map(([, nodePort]) => nodePort)]) {
        assert.equal(new Set(values).size, live.length, `step ${step}: ${values}`);
      }
    }
    assert.ok(refused > 10);
    await clock.advance(61_000);
    await current.allocator.repair({ signal });
    const used = objects.list(Service).flatMap(({ spec }) => (spec.type === 'NodePort' ? [spec.clusterIP] : []));
    assert.deepEqual(addresses(objects), used.toSorted());
  });
});

describe('candidates', () => {
  test('are every number once, those that are kept back last', () => {
    const range = numberRange(100, 179, { share: 32, limit: 128 });
    assert.equal(range.reserved, 16);
    const all = [...candidates(range, seededRandom(3))];
    assert.deepEqual(
      all.toSorted((a, b) => a - b),
      Array.from({ length: 80 }, (_, index) => 100 + index),
    );
    assert.ok(all.slice(0, 64).every((each) => each >= 116));
  });

  const shares: [number, { share: number; limit: number }, number][] = [
    [2768, { share: 32, limit: 128 }, 86],
    [1048574, { share: 16, limit: 256 }, 256],
    [254, { share: 16, limit: 256 }, 16],
    [14, { share: 16, limit: 256 }, 0],
  ];
  for (const [size, options, reserved] of shares) {
    test(`keep ${reserved} of ${size} back`, () => assert.equal(numberRange(1, size, options).reserved, reserved));
  }
});

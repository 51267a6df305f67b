import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { seededRandom } from '../../base/random.ts';
import { type EndpointGroup, planSlices } from './plan-slices.ts';

const PORTS = [{ name: 'http', protocol: 'TCP', port: 80 }] as const;

function endpoint(name: string, ready = true): Endpoint {
  return { addresses: [`10.0.0.${name}`], conditions: { ready }, targetRef: { uid: name } };
}

function slice(name: string, endpoints: readonly Endpoint[], ports: EndpointSlice['ports'] = PORTS): EndpointSlice {
  return { metadata: { name }, ports, endpoints } as unknown as EndpointSlice;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => endpoint(String(from + i)));
const group = (endpoints: readonly Endpoint[]): EndpointGroup[] => [{ ports: PORTS, endpoints }];

test('planSlices writes as little as may be', () => {
  const full = slice('full', range(0, 3));
  const half = slice('half', range(3, 4));
  const cases: readonly (readonly [string, readonly EndpointSlice[], readonly EndpointGroup[], object])[] = [
    ['nothing changed', [full, half], group(range(0, 4)), { create: [], update: [], delete: [] }],
    ['a first slice', [], group(range(0, 2)), { create: [2], update: [], delete: [] }],
    ['several at once', [], group(range(0, 7)), { create: [3, 3, 1], update: [], delete: [] }],
    ['one more fits', [full, half], group(range(0, 5)), { create: [], update: [['half', 2]], delete: [] }],
    ['many more do not', [full, half], group(range(0, 7)), { create: [3], update: [], delete: [] }],
    [
      'a gap is filled',
      [full, half],
      group([...range(1, 4), endpoint('9')]),
      { create: [], update: [['full', 3]], delete: [] },
    ],
    ['one is emptied', [full, half], group(range(0, 3)), { create: [], update: [], delete: ['half'] }],
    ['no endpoints: an empty slice', [], [], { create: [0], update: [], delete: [] }],
    ['the empty one is used', [slice('e', [], [])], [], { create: [], update: [], delete: [] }],
    ['other ports', [slice('o', range(0, 1), [])], group(range(0, 1)), { create: [], update: [['o', 1]], delete: [] }],
    ['all go: one stays, empty', [full, half], [], { create: [], update: [['full', 0]], delete: ['half'] }],
    ['the empty one has ports', [slice('e', [])], [], { create: [], update: [['e', 0]], delete: [] }],
  ];
  for (const [what, existing, groups, wanted] of cases) {
    const plan = planSlices(existing, groups, { maxPerSlice: 3 });
    const summary = {
      create: plan.create.map(({ endpoints }) => endpoints.length),
      update: plan.update.map(({ slice, endpoints }) => [slice.metadata.name, endpoints.length]),
      delete: plan.delete.map(({ metadata }) => metadata.name),
    };
    assert.deepEqual(summary, wanted, what);
  }
});

test('planSlices keeps no empty slice for those who want none', () => {
  const existing = [slice('a', range(0, 3))];
  const plan = planSlices(existing, [], { maxPerSlice: 3, placeholder: false });
  assert.deepEqual(plan, { create: [], update: [], delete: existing });
});

test('planSlices gives a slice that is used again its new ports', () => {
  const ports = [{ name: 'http', protocol: 'TCP', port: 8080 }] as const;
  const existing = [slice('a', range(0, 2))];
  const plan = planSlices(existing, [{ ports, endpoints: range(0, 2) }], { maxPerSlice: 3 });
  assert.deepEqual(plan.update, [{ slice: existing[0], ports, endpoints: range(0, 2) }]);
});

test('planSlices leaves the hints of endpoints that stay', () => {
  const hinted = range(0, 2).map((one) => ({ ...one, hints: { forZones: [{ name: 'a' }] } }));
  const plan = planSlices([slice('a', hinted)], group(range(0, 2)), { maxPerSlice: 3 });
  assert.deepEqual(plan, { create: [], update: [], delete: [] });
});

test('planSlices rewrites only the slice of an endpoint that changed', () => {
  const existing = [slice('a', range(0, 3)), slice('b', range(3, 6))];
  const changed = range(0, 6).map((one, i) => (i === 4 ? endpoint('4', false) : one));
  const plan = planSlices(existing, group(changed), { maxPerSlice: 3 });
  assert.deepEqual(
    plan.update.map(({ slice }) => slice.metadata.name),
    ['b'],
  );
  assert.equal(plan.update[0]?.endpoints[1]?.conditions.ready, false);
});

test('planSlices leads to the wanted endpoints over 1,000 random changes, each in one slice', () => {
  const random = seededRandom(9);
  let existing: EndpointSlice[] = [];
  let made = 0;
  let wanted = new Map<string, Endpoint>();
  for (let round = 0; round < 1000; round++) {
    wanted = new Map(wanted);
    for (let i = 0; i < 1 + random.next() * 5; i++) {
      const name = String(Math.floor(random.next() * 60));
      if (random.next() < 0.4) wanted.delete(name);
      else wanted.set(name, endpoint(name, random.next() < 0.8));
    }
    const plan = planSlices(existing, wanted.size > 0 ? group([...wanted.values()]) : [], { maxPerSlice: 10 });
    const updates = new Map(plan.update.map(({ slice, endpoints }) => [slice, endpoints]));
    existing = [
      ...existing
        .filter((one) => !plan.delete.includes(one))
        .map((one) => (updates.has(one) ? { ...one, endpoints: updates.get(one) ?? [] } : one)),
      ...plan.create.map(({ ports, endpoints }) => slice(`s${made++}`, endpoints, ports)),
    ];
    const there = existing.flatMap(({ endpoints }) => endpoints ?? []);
    assert.equal(there.length, wanted.size);
    for (const one of there) assert.deepEqual(one, wanted.get(one.targetRef?.uid ?? ''));
    assert.ok(existing.every(({ endpoints }) => (endpoints?.length ?? 0) <= 10));
    assert.ok(existing.length >= 1);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { hintPolicyOf, withHints } from './endpoint-hints.ts';
import type { SlicePlan } from './plan-slices.ts';
import { cpuShares } from './zone-capacity.ts';

const NONE: SlicePlan = { create: [], update: [], delete: [] };

function endpoint(name: string, zone?: string, { ready = true, forZone = '' } = {}): Endpoint {
  return {
    addresses: [name],
    conditions: { ready },
    nodeName: `node-${name}`,
    ...(zone === undefined ? {} : { zone }),
    ...(forZone ? { hints: { forZones: [{ name: forZone }] } } : {}),
  };
}

const slice = (...endpoints: Endpoint[]) =>
  ({ metadata: { name: 's' }, ports: [], endpoints }) as unknown as EndpointSlice;
const creating = (...endpoints: Endpoint[]): SlicePlan => ({ ...NONE, create: [{ ports: [], endpoints }] });
const zonesOf = (endpoints: readonly Endpoint[] = []) => endpoints.map(({ hints }) => hints?.forZones?.[0]?.name);

function service(spec: Partial<Service['spec']>, annotations: Record<string, string> = {}): Service {
  return { metadata: { annotations }, spec } as unknown as Service;
}

test('hintPolicyOf reads the field, and the annotation before it', () => {
  const policy = (one: Service) => hintPolicyOf(one, () => undefined);
  const proportional = { type: 'proportional', cpuShares: undefined };
  const auto = { 'service.kubernetes.io/topology-mode': 'Auto' };
  assert.deepEqual(policy(service({})), { type: 'none' });
  assert.deepEqual(policy(service({ trafficDistribution: 'PreferClose' })), { type: 'close', perNode: false });
  assert.deepEqual(policy(service({ trafficDistribution: 'PreferSameZone' })), { type: 'close', perNode: false });
  assert.deepEqual(policy(service({ trafficDistribution: 'PreferSameNode' })), { type: 'close', perNode: true });
  assert.deepEqual(policy(service({ trafficDistribution: 'PreferClose' }, auto)), proportional);
  const older = { ...auto, 'service.kubernetes.io/topology-aware-hints': 'Disabled' };
  assert.deepEqual(policy(service({}, older)), { type: 'none' });
});

test('withHints means ready endpoints for their zone, and for their node if it is told to', () => {
  const plan = creating(endpoint('a', 'east'), endpoint('b'), endpoint('c', 'west', { ready: false }));
  const hints = (perNode: boolean) =>
    withHints(plan, [], { type: 'close', perNode }).plan.create[0]?.endpoints.map((one) => one.hints);
  assert.deepEqual(hints(false), [{ forZones: [{ name: 'east' }] }, undefined, undefined]);
  assert.deepEqual(hints(true), [
    { forZones: [{ name: 'east' }], forNodes: [{ name: 'node-a' }] },
    { forNodes: [{ name: 'node-b' }] },
    undefined,
  ]);
});

test('withHints writes slices whose hints are out of date, and no others', () => {
  const right = slice(endpoint('a', 'east', { forZone: 'east' }));
  const wrong = slice(endpoint('b', 'east', { forZone: 'west' }));
  const close = withHints(NONE, [right, wrong], { type: 'close', perNode: false }).plan;
  assert.deepEqual(
    close.update.map(({ slice, endpoints }) => [slice === wrong, zonesOf(endpoints)]),
    [[true, ['east']]],
  );
  const none = withHints(NONE, [right, slice(endpoint('c', 'east'))], { type: 'none' }).plan;
  assert.deepEqual(
    none.update.map(({ slice, endpoints }) => [slice === right, zonesOf(endpoints)]),
    [[true, [undefined]]],
  );
});

test('withHints in proportion moves endpoints to zones that lack some', () => {
  const shares = new Map([
    ['east', 0.5],
    ['west', 0.5],
  ]);
  const policy = { type: 'proportional', cpuShares: shares } as const;
  const uneven = creating(...['a', 'b', 'c', 'd', 'e'].map((name) => endpoint(name, 'east')), endpoint('f', 'west'));
  const { plan, refusal } = withHints(uneven, [], policy);
  assert.equal(refusal, undefined);
  assert.deepEqual(zonesOf(plan.create[0]?.endpoints).sort(), ['east', 'east', 'east', 'west', 'west', 'west']);
  // What was hinted so stays so, though more are in one zone.
  const settled = slice(...(plan.create[0]?.endpoints ?? []));
  assert.deepEqual(withHints(NONE, [settled], policy), { plan: NONE });
});

test('withHints in proportion refuses what would overload an endpoint, and takes hints away', () => {
  const shares = new Map([
    ['east', 0.5],
    ['north', 0.3],
    ['west', 0.2],
  ]);
  const before = slice(endpoint('a', 'east', { forZone: 'east' }), endpoint('b', 'west', { forZone: 'west' }));
  const refusal = (plan: SlicePlan, existing: readonly EndpointSlice[]) =>
    withHints(plan, existing, { type: 'proportional', cpuShares: shares });
  const few = refusal(NONE, [before]);
  assert.equal(few.refusal, 'Insufficient number of endpoints (2 endpoints, 3 zones)');
  assert.deepEqual(zonesOf(few.plan.update[0]?.endpoints), [undefined, undefined]);
  const three = ['a', 'b', 'c'].map((name) => endpoint(name, 'east'));
  const overloaded = refusal(creating(...three), []);
  assert.match(overloaded.refusal ?? '', /^Unable to allocate .* overload threshold \(3 endpoints, 3 zones\)$/);
  const placeless = refusal(creating(...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => endpoint(name))), []);
  assert.equal(placeless.refusal, 'One or more endpoints do not have a zone specified');
  const unknown = withHints(NONE, [before], { type: 'proportional', cpuShares: undefined });
  assert.match(unknown.refusal ?? '', /^Insufficient Node information/);
});

test('cpuShares are those of ready nodes that take traffic, if all are known', () => {
  const node = (zone: string | undefined, cpu: string, { ready = 'True', labels = {} } = {}) =>
    ({
      metadata: { labels: { ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}), ...labels } },
      status: { conditions: [{ type: 'Ready', status: ready }], allocatable: { cpu } },
    }) as unknown as Node;
  const two = [node('west', '1'), node('east', '2'), node('east', '1000m')];
  assert.deepEqual(Object.fromEntries(cpuShares(two) ?? []), { east: 0.75, west: 0.25 });
  const others = [
    node('north', '9', { ready: 'False' }),
    node('north', '9', { labels: { 'node-role.kubernetes.io/control-plane': '' } }),
  ];
  assert.equal(cpuShares([...two, ...others])?.size, 2);
  assert.equal(cpuShares([...two, node(undefined, '1')]), undefined);
  assert.equal(cpuShares([...two, node('north', '0')]), undefined);
  assert.equal(cpuShares([node('east', '1')]), undefined);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import { changeRoutes, planRoutes, type Route, type RouteOptions, type RoutePlan } from './plan-routes.ts';

const node = (name: string, podCIDR: string | undefined, ...addresses: readonly string[]) =>
  ({
    metadata: { name },
    spec: { podCIDR },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  }) as unknown as Node;

const MACHINE = node('a', '10.244.0.0/24', '192.0.2.2');
const SECOND = node('b', '10.244.1.0/24', '10.89.0.2');
const THIRD = node('c', '10.244.2.0/24', '10.89.0.3');
const ON_MACHINE = { nodeName: 'a', networks: ['192.0.2.2/24', '10.89.0.1/24'], hasUplink: false };
const IN_NAMESPACE = { nodeName: 'b', networks: ['10.89.0.2/24', '10.244.1.1/32'], hasUplink: true };

const toSecond = { destination: '10.244.1.0/24', gateway: '10.89.0.2' };
const toThird = { destination: '10.244.2.0/24', gateway: '10.89.0.3' };

describe('planRoutes', () => {
  const cases: readonly { readonly name: string; nodes: readonly Node[]; options: RouteOptions; plan: RoutePlan }[] = [
    {
      name: 'the machine reaches its namespaces over the bridge, in the order of their names',
      nodes: [THIRD, MACHINE, SECOND],
      options: ON_MACHINE,
      plan: { routes: [toSecond, toThird], unreachable: [] },
    },
    {
      name: 'a namespace reaches others at once, and the machine by its way out',
      nodes: [MACHINE, SECOND, THIRD],
      options: IN_NAMESPACE,
      plan: { routes: [toThird], unreachable: [] },
    },
    {
      name: 'a node that is on none of the networks is told of',
      nodes: [MACHINE, node('far', '10.244.9.0/24', '198.51.100.7')],
      options: ON_MACHINE,
      plan: { routes: [], unreachable: ['far'] },
    },
    {
      name: 'a node without a range, an address or one of this family has no route yet',
      nodes: [node('x', undefined, '10.89.0.4'), node('y', '10.244.4.0/24'), node('z', '10.244.5.0/24', 'fd00::1')],
      options: ON_MACHINE,
      plan: { routes: [], unreachable: [] },
    },
    {
      name: 'of several addresses the first that is IPv4 counts',
      nodes: [node('b', '10.244.1.0/24', 'fd00::1', '10.89.0.2')],
      options: ON_MACHINE,
      plan: { routes: [toSecond], unreachable: [] },
    },
  ];
  for (const { name, nodes, options, plan } of cases) {
    test(name, () => assert.deepEqual(planRoutes(nodes, options), plan));
  }
});

describe('changeRoutes', () => {
  const moved = { ...toSecond, gateway: '10.89.0.9' };
  const cases: readonly {
    readonly name: string;
    existing: readonly Route[];
    wanted: readonly Route[];
    add: readonly Route[];
    remove: readonly Route[];
  }[] = [
    { name: 'adds what is missing', existing: [], wanted: [toSecond], add: [toSecond], remove: [] },
    { name: 'leaves what is right', existing: [toSecond], wanted: [toSecond], add: [], remove: [] },
    {
      name: 'removes what leads nowhere any more',
      existing: [toSecond, toThird],
      wanted: [toThird],
      add: [],
      remove: [toSecond],
    },
    {
      name: 'replaces a route whose gateway has changed',
      existing: [toSecond],
      wanted: [moved],
      add: [moved],
      remove: [],
    },
  ];
  for (const { name, existing, wanted, add, remove } of cases) {
    test(name, () => assert.deepEqual(changeRoutes(existing, wanted), { add, remove }));
  }
});

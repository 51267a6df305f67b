import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeRoutes } from './node-routes.ts';
import type { Route } from './plan-routes.ts';

test("removeRoutes takes the cluster's routes and leaves those of another cluster", async () => {
  const routes: Route[] = [
    { destination: '10.244.1.0/24', gateway: '10.89.0.2' },
    { destination: '10.200.1.0/24', gateway: '10.89.1.2' },
  ];
  const kernel = {
    networks: () => [],
    list: async () => [...routes],
    add: async (route: Route) => void routes.push(route),
    remove: async (route: Route) =>
      void routes.splice(
        routes.findIndex((each) => each.destination === route.destination),
        1,
      ),
  };
  await removeRoutes({ kernel }, { clusterPodCidr: '10.244.0.0/16' });
  assert.deepEqual(routes, [{ destination: '10.200.1.0/24', gateway: '10.89.1.2' }]);
});

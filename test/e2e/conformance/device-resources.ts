// Devices that pods claim, as objects: there is no driver here. Upstream: test/e2e/dra/dra.go.

import { DeviceClass } from '../../../src/api/resource/device-class.ts';
import { ResourceClaim } from '../../../src/api/resource/resource-claim.ts';
import { ResourceClaimTemplate } from '../../../src/api/resource/resource-claim-template.ts';
import { ResourceSlice } from '../../../src/api/resource/resource-slice.ts';
import { assertOperations } from './api-operations.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

const DRIVER = 'dra.example.com';
const LABELLED = { metadata: { labels: { 'test.example.com': 'changed' } } };

export function deviceResourceTests(conformance: Conformance): void {
  const test = (kind: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ${kind}`, body);
  const devices = { requests: [{ name: 'one', exactly: { deviceClassName: 'some-class' } }] };

  test('DeviceClass', (scene) =>
    assertOperations(scene, {
      kind: DeviceClass,
      initial: { spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] } },
      change: { ...LABELLED, spec: { selectors: [{ cel: { expression: 'device.driver == "other.example.com"' } }] } },
    }));

  test('ResourceClaim', (scene) =>
    assertOperations(scene, {
      kind: ResourceClaim,
      initial: { spec: { devices } },
      change: LABELLED,
      status: {
        allocation: { devices: { results: [{ request: 'one', driver: DRIVER, pool: 'pool', device: 'dev' }] } },
      },
    }));

  test('ResourceClaimTemplate', (scene) =>
    assertOperations(scene, {
      kind: ResourceClaimTemplate,
      initial: { spec: { spec: { devices } } },
      change: LABELLED,
    }));

  test('ResourceSlice', (scene) => {
    const pool = { name: scene.namespace, generation: 1, resourceSliceCount: 1 };
    return assertOperations(scene, {
      kind: ResourceSlice,
      initial: { spec: { driver: DRIVER, pool, allNodes: true, devices: [{ name: 'one' }] } },
      change: { ...LABELLED, spec: { devices: [{ name: 'one' }, { name: 'two' }] } },
    });
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../api/apps/deployment.ts';
import { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from '../../api/autoscaling/horizontal-pod-autoscaler-v1.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Kind } from '../../api/kind.ts';
import { servedGroups } from './served-groups.ts';

test('servedGroups keeps the order of kinds, the preferred version first', () => {
  const kinds = [Pod, HorizontalPodAutoscaler, Deployment, HorizontalPodAutoscalerV1];
  const served = servedGroups(() => kinds);
  assert.deepEqual(
    served().map(({ name, versions }) => [name, versions.map(({ version }) => version)]),
    [
      ['', ['v1']],
      ['autoscaling', ['v2', 'v1']],
      ['apps', ['v1']],
    ],
  );
  assert.equal(served(), served());
});

test('servedGroups leaves alone what has not changed', () => {
  let kinds: readonly Kind[] = [Pod, HorizontalPodAutoscaler, Deployment];
  const served = servedGroups(() => kinds);
  const [core, autoscaling, apps] = served();
  kinds = [Pod, HorizontalPodAutoscaler, HorizontalPodAutoscalerV1, { ...Deployment }];
  const [sameCore, widerAutoscaling, otherApps] = served();
  assert.equal(sameCore, core);
  assert.notEqual(widerAutoscaling, autoscaling);
  assert.equal(widerAutoscaling?.versions[0], autoscaling?.versions[0]);
  assert.notEqual(otherApps?.versions[0], apps?.versions[0]);
  kinds = [Pod];
  assert.deepEqual(served(), [core]);
});

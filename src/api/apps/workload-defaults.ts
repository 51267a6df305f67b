// The defaults of workloads that depend on other fields; constants stand in the declarations. Upstream: SetDefaults_* in
// pkg/apis/apps/v1.

import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { Draft } from '../schema.ts';
import type { DaemonSet } from './daemon-set.ts';
import type { Deployment } from './deployment.ts';
import type { StatefulSet } from './stateful-set.ts';

export function defaultDeployment({ spec }: Draft<Deployment>): void {
  defaultPodSpec(spec.template.spec);
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy.rollingUpdate };
  }
}

export function defaultStatefulSet({ spec }: Draft<StatefulSet>): void {
  defaultPodSpec(spec.template.spec);
  const { updateStrategy } = spec;
  if (!updateStrategy.type) {
    updateStrategy.type = 'RollingUpdate';
    updateStrategy.rollingUpdate ??= {};
  }
  if (updateStrategy.type === 'RollingUpdate' && updateStrategy.rollingUpdate) {
    updateStrategy.rollingUpdate = { partition: 0, maxUnavailable: 1, ...updateStrategy.rollingUpdate };
  }
}

export function defaultDaemonSet({ spec }: Draft<DaemonSet>): void {
  defaultPodSpec(spec.template.spec);
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...spec.updateStrategy.rollingUpdate };
  }
}

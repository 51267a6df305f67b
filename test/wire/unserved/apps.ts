// Types of apps that v1.36 knows and serves nothing as unless it is told to.

import { DeploymentStatus, DeploymentStrategy } from '../../../src/api/apps/deployment.ts';
import { StatefulSetSpec, StatefulSetStatus } from '../../../src/api/apps/stateful-set.ts';
import { ScaleSpec } from '../../../src/api/autoscaling/scale.ts';
import { PodTemplateSpec } from '../../../src/api/core/pod-spec.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { LabelSelector } from '../../../src/api/meta/label-selector.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { bool, int32, int64, map, message, string, struct } from '../../../src/api/schema.ts';

const RollbackConfig = struct('apps/v1beta1.RollbackConfig', {
  revision: int64(1),
});

const DeploymentSpec = struct('apps/v1beta1.DeploymentSpec', {
  replicas: int32(1, { optional: true }),
  selector: message(2, LabelSelector, { optional: true }),
  template: message(3, PodTemplateSpec),
  strategy: message(4, DeploymentStrategy),
  minReadySeconds: int32(5),
  revisionHistoryLimit: int32(6, { optional: true }),
  paused: bool(7),
  rollbackTo: message(8, RollbackConfig, { optional: true }),
  progressDeadlineSeconds: int32(9, { optional: true }),
});

export const Deployment = struct('apps/v1beta1.Deployment', {
  metadata: message(1, ObjectMeta),
  spec: message(2, DeploymentSpec),
  status: message(3, DeploymentStatus),
});

export const DeploymentRollback = struct('apps/v1beta1.DeploymentRollback', {
  name: string(1, { required: true }),
  updatedAnnotations: map(2, 'string'),
  rollbackTo: message(3, RollbackConfig),
});

const ScaleStatus = struct('apps/v1beta1.ScaleStatus', {
  replicas: int32(1, { required: true }),
  selector: map(2, 'string'),
  targetSelector: string(3),
});

export const Scale = struct('apps/v1beta1.Scale', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ScaleSpec),
  status: message(3, ScaleStatus),
});

const StatefulSet = struct('apps/v1beta1.StatefulSet', {
  metadata: message(1, ObjectMeta),
  spec: message(
    2,
    struct('apps/v1beta1.StatefulSetSpec', {
      ...StatefulSetSpec.fields,
      selector: message(2, LabelSelector, { optional: true }),
    }),
  ),
  status: message(
    3,
    struct('apps/v1beta1.StatefulSetStatus', {
      ...StatefulSetStatus.fields,
      observedGeneration: int64(1, { optional: true }),
    }),
  ),
});

export const APPS_TYPES: readonly ObjectType[] = [
  { group: 'apps', version: 'v1beta1', kind: 'Deployment', schema: Deployment },
  { group: 'apps', version: 'v1beta1', kind: 'DeploymentRollback', schema: DeploymentRollback },
  { group: 'apps', version: 'v1beta1', kind: 'Scale', schema: Scale },
  { group: 'apps', version: 'v1beta1', kind: 'StatefulSet', schema: StatefulSet },
  { group: 'apps', version: 'v1beta2', kind: 'Scale', schema: Scale },
];

// Types of extensions that v1.36 knows and serves nothing as unless it is told to.

import { DaemonSetStatus, DaemonSetUpdateStrategy } from '../../../src/api/apps/daemon-set.ts';
import { ReplicaSetStatus } from '../../../src/api/apps/replica-set.ts';
import { PodTemplateSpec } from '../../../src/api/core/pod-spec.ts';
import { TypedLocalObjectReference } from '../../../src/api/core/references.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { LabelSelector } from '../../../src/api/meta/label-selector.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { IngressStatus, IngressTLS } from '../../../src/api/networking/ingress.ts';
import { inline, int32, int64, intOrString, list, message, string, struct } from '../../../src/api/schema.ts';
import { Deployment, DeploymentRollback, Scale } from './apps.ts';

const DaemonSetSpec = struct('extensions/v1beta1.DaemonSetSpec', {
  selector: message(1, LabelSelector, { optional: true }),
  template: message(2, PodTemplateSpec),
  updateStrategy: message(3, DaemonSetUpdateStrategy),
  minReadySeconds: int32(4),
  templateGeneration: int64(5),
  revisionHistoryLimit: int32(6, { optional: true }),
});

const DaemonSet = struct('extensions/v1beta1.DaemonSet', {
  metadata: message(1, ObjectMeta),
  spec: message(2, DaemonSetSpec),
  status: message(3, DaemonSetStatus),
});

const IngressBackend = struct('extensions/v1beta1.IngressBackend', {
  serviceName: string(1),
  servicePort: intOrString(2),
  resource: message(3, TypedLocalObjectReference, { optional: true }),
});

const HTTPIngressPath = struct('extensions/v1beta1.HTTPIngressPath', {
  path: string(1),
  pathType: string(3, { optional: true }),
  backend: message(2, IngressBackend),
});

const HTTPIngressRuleValue = struct('extensions/v1beta1.HTTPIngressRuleValue', {
  paths: list(1, HTTPIngressPath, { required: true }),
});

const IngressRuleValue = struct('extensions/v1beta1.IngressRuleValue', {
  http: message(1, HTTPIngressRuleValue, { optional: true }),
});

const IngressRule = struct('extensions/v1beta1.IngressRule', {
  host: string(1),
  ingressRuleValue: inline(2, IngressRuleValue),
});

const IngressSpec = struct('extensions/v1beta1.IngressSpec', {
  ingressClassName: string(4, { optional: true }),
  backend: message(1, IngressBackend, { optional: true }),
  tls: list(2, IngressTLS),
  rules: list(3, IngressRule),
});

export const Ingress = struct('extensions/v1beta1.Ingress', {
  metadata: message(1, ObjectMeta),
  spec: message(2, IngressSpec),
  status: message(3, IngressStatus),
});

const ReplicaSetSpec = struct('extensions/v1beta1.ReplicaSetSpec', {
  replicas: int32(1, { optional: true }),
  minReadySeconds: int32(4),
  selector: message(2, LabelSelector, { optional: true }),
  template: message(3, PodTemplateSpec),
});

const ReplicaSet = struct('extensions/v1beta1.ReplicaSet', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ReplicaSetSpec),
  status: message(3, ReplicaSetStatus),
});

export const EXTENSIONS_TYPES: readonly ObjectType[] = [
  { group: 'extensions', version: 'v1beta1', kind: 'DaemonSet', schema: DaemonSet },
  { group: 'extensions', version: 'v1beta1', kind: 'Deployment', schema: Deployment },
  { group: 'extensions', version: 'v1beta1', kind: 'DeploymentRollback', schema: DeploymentRollback },
  { group: 'extensions', version: 'v1beta1', kind: 'Ingress', schema: Ingress },
  { group: 'extensions', version: 'v1beta1', kind: 'ReplicaSet', schema: ReplicaSet },
  { group: 'extensions', version: 'v1beta1', kind: 'Scale', schema: Scale },
];

// Every controller, and the service account in kube-system that it acts as: upstream's, so that the rules of those
// accounts are the bootstrap policy's. What the API server keeps about itself (system-namespaces, apiserver-endpoints) and
// cluster DNS are started by the cluster, which knows their options.

import { clusterRoleAggregation } from './clusterrole-aggregation/clusterrole-aggregation.ts';
import type { Controller } from './controller.ts';
import type { ControllerDeps } from './controller-deps.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { endpointsController } from './endpoints/endpoints-controller.ts';
import { endpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { endpointSliceMirroring } from './endpointslice-mirroring/endpointslice-mirroring.ts';
import { ephemeralVolumeController } from './ephemeral-volume/ephemeral-volume-controller.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { nodeIpamController } from './node-ipam/node-ipam-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { podGarbageCollector } from './pod-garbage-collector/pod-garbage-collector.ts';
import { replicaSetController } from './replicaset/replicaset-controller.ts';
import { resourceQuotaController } from './resourcequota/resourcequota-controller.ts';
import { rootCaPublisher } from './root-ca-publisher/root-ca-publisher.ts';
import { serviceAccountController } from './serviceaccount/serviceaccount-controller.ts';
import { pvProtection } from './storage-protection/pv-protection.ts';
import { pvcProtection } from './storage-protection/pvc-protection.ts';
import { vacProtection } from './storage-protection/vac-protection.ts';
import { taintEvictionController } from './taint-eviction/taint-eviction-controller.ts';

export interface ControllerEntry {
  readonly serviceAccount: string;
  /** What its events name as their source. */
  readonly eventSource: string;
  create(deps: ControllerDeps): Controller;
}

export const CONTROLLERS: readonly ControllerEntry[] = [
  entry('service-account-controller', serviceAccountController),
  entry('root-ca-cert-publisher', rootCaPublisher),
  entry('namespace-controller', namespaceController),
  entry('generic-garbage-collector', garbageCollector, 'garbage-collector-controller'),
  entry('node-controller', nodeIpamController, 'cidrAllocator'),
  entry('node-controller', nodeLifecycleController),
  entry('node-controller', taintEvictionController, 'taint-eviction-controller'),
  entry('replicaset-controller', replicaSetController),
  entry('deployment-controller', deploymentController),
  entry('endpoint-controller', endpointsController),
  entry('endpointslice-controller', endpointSliceController, 'endpoint-slice-controller'),
  entry('endpointslicemirroring-controller', endpointSliceMirroring, 'endpoint-slice-mirroring-controller'),
  entry('pod-garbage-collector', podGarbageCollector),
  entry('clusterrole-aggregation-controller', clusterRoleAggregation),
  entry('resourcequota-controller', resourceQuotaController),
  entry('ephemeral-volume-controller', ephemeralVolumeController, 'ephemeral_volume'),
  entry('pv-protection-controller', pvProtection),
  entry('pvc-protection-controller', pvcProtection),
  entry('volumeattributesclass-protection-controller', vacProtection),
];

function entry(
  serviceAccount: string,
  create: (deps: ControllerDeps) => Controller,
  eventSource = serviceAccount,
): ControllerEntry {
  return { serviceAccount, eventSource, create };
}

// Every controller, and the service account in kube-system that it acts as: upstream's, so that the rules of those
// accounts are the bootstrap policy's. The one that accounts get their tokens from acts as the manager of all, as
// upstream. What the API server keeps about itself (system-namespaces, apiserver-endpoints, legacy-token-tracking) and
// cluster DNS are started by the cluster, which knows their options.

import { bootstrapSigner } from './bootstrap-tokens/bootstrap-signer.ts';
import { bootstrapTokenCleaner } from './bootstrap-tokens/token-cleaner.ts';
import { certificateRequestApproving } from './certificates/request-approving.ts';
import { certificateRequestCleaner } from './certificates/request-cleaner.ts';
import { certificateRequestSigning } from './certificates/request-signing.ts';
import { servingRequestApproving } from './certificates/serving-approving.ts';
import { clusterRoleAggregation } from './clusterrole-aggregation/clusterrole-aggregation.ts';
import type { Controller } from './controller.ts';
import type { ControllerDeps } from './controller-deps.ts';
import { cronJobController } from './cronjob/cronjob-controller.ts';
import { daemonSetController } from './daemonset/daemonset-controller.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { staleDisruptionTargets } from './disruption/stale-disruption-targets.ts';
import { endpointsController } from './endpoints/endpoints-controller.ts';
import { endpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { endpointSliceMirroring } from './endpointslice-mirroring/endpointslice-mirroring.ts';
import { ephemeralVolumeController } from './ephemeral-volume/ephemeral-volume-controller.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler-controller.ts';
import { abandonedPodController } from './job/abandoned-pod-controller.ts';
import { jobController } from './job/job-controller.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { nodeIpamController } from './node-ipam/node-ipam-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { claimBinder } from './persistent-volume-binder/claim-binder.ts';
import { volumeReclaimer } from './persistent-volume-binder/volume-reclaimer.ts';
import { podGarbageCollector } from './pod-garbage-collector/pod-garbage-collector.ts';
import { replicaSetController } from './replicaset/replicaset-controller.ts';
import { replicationControllerController } from './replicationcontroller/replicationcontroller-controller.ts';
import { resourceQuotaController } from './resourcequota/resourcequota-controller.ts';
import { rootCaPublisher } from './root-ca-publisher/root-ca-publisher.ts';
import { serviceCidrsController } from './service-cidrs/service-cidrs-controller.ts';
import { serviceAccountController } from './serviceaccount/serviceaccount-controller.ts';

import { legacyTokenCleaner } from './serviceaccount-token/legacy-token-cleaner.ts';
import { serviceAccountTokenController } from './serviceaccount-token/serviceaccount-token-controller.ts';
import { statefulSetController } from './statefulset/statefulset-controller.ts';
import { pvProtection } from './storage-protection/pv-protection.ts';
import { pvcProtection } from './storage-protection/pvc-protection.ts';
import { vacProtection } from './storage-protection/vac-protection.ts';
import { taintEvictionController } from './taint-eviction/taint-eviction-controller.ts';
import { ttlController } from './ttl/ttl-controller.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/ttl-after-finished-controller.ts';

export interface ControllerEntry {
  /** Undefined: it acts as system:kube-controller-manager. */
  readonly serviceAccount: string | undefined;
  /** What its events name as their source. */
  readonly eventSource: string;
  create(deps: ControllerDeps): Controller;
}

export const CONTROLLERS: readonly ControllerEntry[] = [
  entry('service-account-controller', serviceAccountController),
  entry(undefined, serviceAccountTokenController),
  entry('legacy-service-account-token-cleaner', legacyTokenCleaner),
  entry('root-ca-cert-publisher', rootCaPublisher),
  entry('namespace-controller', namespaceController),
  entry('generic-garbage-collector', garbageCollector, 'garbage-collector-controller'),
  entry('node-controller', nodeIpamController, 'cidrAllocator'),
  entry('node-controller', nodeLifecycleController),
  entry('node-controller', taintEvictionController, 'taint-eviction-controller'),
  entry('replicaset-controller', replicaSetController),
  entry('replication-controller', replicationControllerController),
  entry('deployment-controller', deploymentController),
  entry('disruption-controller', disruptionController, 'controllermanager'),
  entry('disruption-controller', staleDisruptionTargets, 'controllermanager'),
  entry('statefulset-controller', statefulSetController),
  entry('daemon-set-controller', daemonSetController, 'daemonset-controller'),
  entry('job-controller', jobController),
  entry('job-controller', abandonedPodController),
  entry('cronjob-controller', cronJobController),
  entry('ttl-after-finished-controller', ttlAfterFinishedController),
  entry('horizontal-pod-autoscaler', horizontalPodAutoscalerController),
  entry('endpoint-controller', endpointsController),
  entry('endpointslice-controller', endpointSliceController, 'endpoint-slice-controller'),
  entry('endpointslicemirroring-controller', endpointSliceMirroring, 'endpoint-slice-mirroring-controller'),
  entry('pod-garbage-collector', podGarbageCollector),
  entry('clusterrole-aggregation-controller', clusterRoleAggregation),
  entry('ttl-controller', ttlController),
  entry('certificate-controller', certificateRequestApproving),
  entry('certificate-controller', servingRequestApproving),
  entry('certificate-controller', certificateRequestSigning),
  entry('certificate-controller', certificateRequestCleaner),
  entry('bootstrap-signer', bootstrapSigner),
  entry('token-cleaner', bootstrapTokenCleaner),
  entry('service-cidrs-controller', serviceCidrsController),
  entry('resourcequota-controller', resourceQuotaController),
  entry('ephemeral-volume-controller', ephemeralVolumeController, 'ephemeral_volume'),
  entry('persistent-volume-binder', claimBinder, 'persistentvolume-controller'),
  entry('persistent-volume-binder', volumeReclaimer, 'persistentvolume-controller'),
  entry('pv-protection-controller', pvProtection),
  entry('pvc-protection-controller', pvcProtection),
  entry('volumeattributesclass-protection-controller', vacProtection),
];

function entry(
  serviceAccount: string | undefined,
  create: (deps: ControllerDeps) => Controller,
  eventSource = serviceAccount ?? 'kube-controller-manager',
): ControllerEntry {
  return { serviceAccount, eventSource, create };
}

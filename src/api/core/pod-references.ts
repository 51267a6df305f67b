// Which other objects a pod refers to: what its node may read, and what a pod that a node has made may not name.
// Upstream: k8s.io/kubernetes/pkg/api/pod (VisitPodSecretNames and its siblings).

import type { Draft } from '../schema.ts';
import type { Container, EphemeralContainer } from './container.ts';
import type { Pod } from './pod.ts';
import { claimNameOf } from './pod-claims.ts';
import type { Volume } from './volume.ts';

export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
}

/** The names of everything in its own namespace that the pod refers to, its service account aside. */
export function podReferences(pod: Pod | Draft<Pod>): PodReferences {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const { spec } = pod as Pod;
  const add = (names: Set<string>, name: string | undefined) => {
    if (name) names.add(name);
  };
  for (const { name } of spec.imagePullSecrets ?? []) add(secrets, name);
  for (const container of containersOf(pod as Pod)) {
    for (const { secretRef, configMapRef } of container.envFrom ?? []) {
      add(secrets, secretRef?.name);
      add(configMaps, configMapRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add(secrets, valueFrom?.secretKeyRef?.name);
      add(configMaps, valueFrom?.configMapKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    for (const name of volumeSecrets(volume)) add(secrets, name);
    add(configMaps, volume.configMap?.name);
    for (const source of volume.projected?.sources ?? []) add(configMaps, source.configMap?.name);
  }
  return { secrets, configMaps, claims: claimsOf(pod as Pod), resourceClaims: resourceClaimsOf(pod as Pod) };
}

/** All containers of a pod: init, regular, ephemeral. */
export function containersOf(pod: Pod): readonly (Container | EphemeralContainer)[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [...initContainers, ...containers, ...ephemeralContainers];
}

function claimsOf(pod: Pod): Set<string> {
  const names = (pod.spec.volumes ?? []).map((volume) => claimNameOf(pod, volume));
  return new Set(names.filter((name) => name !== undefined));
}

/** Claims are named in the spec, or in the status once they were made from a template. */
function resourceClaimsOf({ spec, status }: Pod): Set<string> {
  const claims = new Set<string>();
  for (const { resourceClaimName } of spec.resourceClaims ?? []) if (resourceClaimName) claims.add(resourceClaimName);
  for (const { resourceClaimName } of status?.resourceClaimStatuses ?? []) {
    if (resourceClaimName) claims.add(resourceClaimName);
  }
  const extended = status?.extendedResourceClaimStatus?.resourceClaimName;
  if (extended) claims.add(extended);
  return claims;
}

function volumeSecrets(volume: Volume): readonly (string | undefined)[] {
  return [
    volume.secret?.secretName,
    ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
    volume.csi?.nodePublishSecretRef?.name,
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name,
    volume.storageos?.secretRef?.name,
  ];
}

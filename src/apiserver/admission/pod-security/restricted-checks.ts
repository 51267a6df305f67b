// Checks that only the restricted level has: as whom containers run, how they may gain privileges, what they mount.

import type { Volume } from '../../../api/core/volume.ts';
import {
  type Check,
  containersThat,
  containersWhose,
  counted,
  distinct,
  isInUserNamespace,
  named,
  type PodParts,
  setters,
} from './check.ts';
import { hostPathVolumes } from './host-checks.ts';
import { unlessOnWindows } from './profile-checks.ts';

export const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check: forbidEscalation },
    { since: 25, check: unlessOnWindows(forbidEscalation) },
  ],
};

function forbidEscalation(pod: PodParts) {
  const bad = containersThat(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const detail = `${named('container', bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
}

const ALLOWED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const satisfies readonly (keyof Volume)[];

/** Upstream's order, in which it finds out what a volume is. */
const OTHER_VOLUMES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const satisfies readonly (keyof Volume)[];

export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [
    {
      since: 0,
      overrides: [hostPathVolumes.id],
      check({ spec }) {
        const bad = (spec.volumes ?? []).filter((volume) =>
          ALLOWED_VOLUMES.every((type) => volume[type] === undefined),
        );
        if (bad.length === 0) return undefined;
        const types = distinct(
          bad.map((volume) => OTHER_VOLUMES.find((type) => volume[type] !== undefined) ?? 'unknown'),
        );
        const volumes = named(
          'volume',
          bad.map(({ name }) => name),
        );
        const detail = `${volumes} ${counted('uses', bad, 'use')} ${named('restricted volume type', types)}`;
        return { reason: 'restricted volume types', detail };
      },
    },
  ],
};

export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check: requireNonRoot },
    { since: 35, check: (pod) => (isInUserNamespace(pod) ? undefined : requireNonRoot(pod)) },
  ],
};

function requireNonRoot(pod: PodParts) {
  const reason = 'runAsNonRoot != true';
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const who = setters(
    ofPod === false,
    containersWhose(pod, (context) => context.runAsNonRoot === false),
  );
  if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  const silent = containersThat(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (ofPod || silent.length === 0) return undefined;
  return { reason, detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true` };
}

export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check: forbidRoot },
    { since: 35, check: (pod) => (isInUserNamespace(pod) ? undefined : forbidRoot(pod)) },
  ],
};

function forbidRoot(pod: PodParts) {
  const who = setters(
    pod.spec.securityContext?.runAsUser === 0,
    containersWhose(pod, (context) => context.runAsUser === 0),
  );
  return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
}

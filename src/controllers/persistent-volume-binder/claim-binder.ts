// Binds claims to volumes: to those that are kept for them or suit them, or to what a provisioner makes. What is to be done
// is plan-claim.ts's; volumes that are left over are volume-reclaimer.ts's. Upstream:
// pkg/controller/volume/persistentvolume.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import {
  PersistentVolumeClaim,
  type PersistentVolumeClaimPhase,
  type PersistentVolumeClaimStatus,
} from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { newestOf } from '../../api/default-class.ts';
import { isDefaultStorageClass, StorageClass } from '../../api/storage/storage-class.ts';
import {
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  boundTo,
  isFullyBound,
  STORAGE_PROVISIONER,
  sizeOf,
} from '../../api/storage/volume-binding.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { CLAIM_INDEX, claimIndex } from '../claims-of-pods.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isPodTerminal } from '../pod-state.ts';
import { isSameStatus } from '../same-status.ts';
import { type ClaimPlan, planClaim } from './plan-claim.ts';
import { setVolumePhase } from './volume-phase.ts';

/** Claims by the volume that they name; those that wait for one under `UNBOUND`, which is no name. */
const VOLUME_INDEX = 'volume';
const UNBOUND = '';
const volumeIndex = (claim: PersistentVolumeClaim) => [isFullyBound(claim) ? (claim.spec.volumeName ?? '') : UNBOUND];

interface State extends ControllerDeps {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
}

export function claimBinder(deps: ControllerDeps): Controller {
  const { informers } = deps;
  const claims = informers.informer(PersistentVolumeClaim, { indexes: { [VOLUME_INDEX]: volumeIndex } });
  const volumes = informers.informer(PersistentVolume);
  const classes = informers.informer(StorageClass);
  const pods = informers.informer(Pod, { indexes: { [CLAIM_INDEX]: claimIndex } });
  const state: State = { ...deps, claims, volumes, classes, pods };
  return {
    name: 'persistentvolume-binder-controller',
    // One after the other, so that two claims do not reach for one volume.
    concurrency: 1,
    reads: [claims, volumes, classes, pods],
    watch(enqueue) {
      const waiting = () => {
        for (const { metadata } of claims.byIndex(VOLUME_INDEX, UNBOUND)) enqueue(keyOf(metadata));
      };
      return [
        claims.subscribe((changes) => {
          for (const { type, object } of changes) if (type !== 'deleted') enqueue(keyOf(object.metadata));
        }),
        volumes.subscribe((changes) => {
          for (const { type, object } of changes) {
            const { claimRef } = object.spec;
            if (claimRef?.name) enqueue(keyOf({ namespace: claimRef.namespace, name: claimRef.name }));
            else if (type !== 'deleted') waiting();
            for (const { metadata } of claims.byIndex(VOLUME_INDEX, object.metadata.name)) enqueue(keyOf(metadata));
          }
        }),
        classes.subscribe((changes) => {
          if (changes.some(({ type }) => type !== 'deleted')) waiting();
        }),
      ];
    },
    async reconcile(key, { signal }) {
      const claim = claims.get(key);
      if (!claim) return;
      const plan = planClaim(claim, {
        volumes: volumes.list(),
        volume: (name) => volumes.get({ name }),
        storageClass: (name) => classes.get({ name }),
        defaultClass: newestOf(classes.list().filter(isDefaultStorageClass)),
        waitingPods: pods.byIndex(CLAIM_INDEX, key).filter(isWaiting).map(nameOf).toSorted(),
      });
      await carryOut(state, claim, plan, signal);
    },
  };
}

function isWaiting(pod: Pod): boolean {
  return !pod.spec.nodeName && !isPodTerminal(pod);
}

function nameOf({ metadata }: Pod): string {
  return metadata.name;
}

async function carryOut(
  { client, events }: State,
  claim: PersistentVolumeClaim,
  plan: ClaimPlan,
  signal: AbortSignal,
): Promise<void> {
  switch (plan.step) {
    case 'bind':
      return bind(client, claim, plan.volume, signal);
    case 'give-class': {
      const given = { ...claim, spec: { ...claim.spec, storageClassName: plan.name } };
      await client.update(PersistentVolumeClaim, given, { signal });
      return;
    }
    case 'await-volume': {
      const marks = { [STORAGE_PROVISIONER]: plan.provisioner, [BETA_STORAGE_PROVISIONER]: plan.provisioner };
      const marked = await annotate(client, claim, marks, signal);
      const { type, reason, message } = plan.event;
      events.event(claim, type, reason, message);
      await setPhase(client, marked, 'Pending', signal);
      return;
    }
    case 'set-phase': {
      const changes = await setPhase(client, claim, plan.phase, signal);
      // That it waits is said whenever something could have ended that; that it is lost, once.
      const { event } = plan;
      if (event && (changes || plan.phase === 'Pending')) events.event(claim, event.type, event.reason, event.message);
      return;
    }
    default:
      plan satisfies never;
  }
}

/** The volume first: whoever writes it has it. */
async function bind(
  client: Client,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  signal: AbortSignal,
): Promise<void> {
  const wanted = boundTo(volume, claim);
  const written = wanted === volume ? volume : await client.update(PersistentVolume, wanted, { signal });
  await setVolumePhase(client, written, { phase: 'Bound' }, signal);
  const isOurChoice = claim.spec.volumeName !== volume.metadata.name;
  const named = isOurChoice ? { ...claim, spec: { ...claim.spec, volumeName: volume.metadata.name } } : claim;
  const marks = { ...(isOurChoice ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}), [BIND_COMPLETED]: 'yes' };
  await setBound(client, await annotate(client, named, marks, signal), written, signal);
}

/** The object with the marks, written unless it has them all. */
async function annotate(
  client: Client,
  claim: PersistentVolumeClaim,
  marks: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<PersistentVolumeClaim> {
  const { annotations = {} } = claim.metadata;
  if (Object.entries(marks).every(([name, value]) => annotations[name] === value)) return claim;
  const marked = { ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, ...marks } } };
  return client.update(PersistentVolumeClaim, marked, { signal });
}

/** The size is what the volume had when it was bound: what becomes of it later is the business of who resizes it. */
async function setBound(
  client: Client,
  claim: PersistentVolumeClaim,
  { spec, ...volume }: PersistentVolume,
  signal: AbortSignal,
): Promise<void> {
  const { phase, capacity = {} } = claim.status;
  const isNew = phase !== 'Bound' || capacity['storage'] === undefined;
  await writeStatus(client, claim, signal, {
    ...claim.status,
    phase: 'Bound',
    accessModes: spec.accessModes ?? [],
    ...(isNew ? { capacity: { ...capacity, storage: sizeOf({ ...volume, spec }) } } : {}),
    ...(isNew && spec.volumeAttributesClassName
      ? { currentVolumeAttributesClassName: spec.volumeAttributesClassName }
      : {}),
  });
}

/** Of a claim without a volume. Resolves with whether that was news. */
function setPhase(
  client: Client,
  claim: PersistentVolumeClaim,
  phase: PersistentVolumeClaimPhase,
  signal: AbortSignal,
): Promise<boolean> {
  const { accessModes: _modes, capacity: _capacity, ...rest } = claim.status;
  return writeStatus(client, claim, signal, { ...rest, phase });
}

async function writeStatus(
  client: Client,
  claim: PersistentVolumeClaim,
  signal: AbortSignal,
  status: PersistentVolumeClaimStatus,
): Promise<boolean> {
  if (isSameStatus(status, claim.status)) return false;
  await client.updateStatus(PersistentVolumeClaim, { ...claim, status }, { signal });
  return true;
}

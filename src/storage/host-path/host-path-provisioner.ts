// Makes the volumes of classes that name it, as directories of this node: one provisioner runs on every node. The binder
// asks it by an annotation of the claim, the scheduler says on which node; claims that need not wait for that are taken
// by whichever node is first. What is to be done is plan-volumes.ts's. Upstream: sig-storage-lib-external-provisioner.

import { chmod, mkdir, rm } from 'node:fs/promises';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { storageClassOf } from '../../api/core/persistent-volume-claim-classes.ts';
import { isStatusError } from '../../api/status-error.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import { SELECTED_NODE } from '../../api/storage/volume-binding.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { type Work, WorkQueue } from '../../base/work-queue.ts';
import { type Client, refOf } from '../../client/client.ts';
import { createEventRecorder, type EventRecorder } from '../../client/event-recorder.ts';
import { createInformer, type Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { HOST_PATH_PROVISIONER } from './host-path-class.ts';
import { type NodePlace, PROVISIONER_FINALIZER, planClaim, planVolume } from './plan-volumes.ts';

export interface HostPathProvisionerDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

interface State extends HostPathProvisionerDeps {
  readonly place: NodePlace;
  readonly events: EventRecorder;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
}

/** Works until it is closed; what it has made stays. */
export function startHostPathProvisioner(deps: HostPathProvisionerDeps, place: NodePlace): AsyncDisposable {
  const { client, clock, log } = deps;
  const stack = new AsyncDisposableStack();
  const source = { component: HOST_PATH_PROVISIONER, host: place.nodeName };
  const events = stack.use(createEventRecorder({ client, clock, log }, source));
  const claims = stack.use(createInformer(deps, PersistentVolumeClaim));
  const volumes = stack.use(createInformer(deps, PersistentVolume));
  const classes = stack.use(createInformer(deps, StorageClass));
  const state: State = { ...deps, place, events, claims, volumes, classes };
  const queue = (what: string, work: Work) =>
    stack.use(
      new WorkQueue({ clock, work }, { observer: { retrying: (key, error) => report(log, what, key, error) } }),
    );
  const claimQueue = queue('a volume could not be made', (key, signal) => provide(state, key, signal));
  const volumeQueue = queue('a volume could not be removed', (key, signal) => reclaim(state, key, signal));
  const enqueueClaims = () => {
    for (const { metadata } of claims.list()) claimQueue.add(keyOf(metadata));
  };
  stack.use(
    claims.subscribe((changes) => {
      for (const { type, object } of changes) if (type !== 'deleted') claimQueue.add(keyOf(object.metadata));
    }),
  );
  stack.use(
    volumes.subscribe((changes) => {
      for (const { type, object } of changes) if (type !== 'deleted') volumeQueue.add(keyOf(object.metadata));
    }),
  );
  stack.use(classes.subscribe(enqueueClaims));
  return stack;
}

/** Another node was faster, or the object was changed meanwhile: it comes again with that. */
function report(log: Logger, what: string, key: string, error: unknown): void {
  if (isStatusError(error, 'Conflict')) log.debug(what, { key, error });
  else log.warn(what, { key, error });
}

async function provide({ client, events, claims, classes, place }: State, key: string, signal: AbortSignal) {
  const claim = claims.get(key);
  if (!claim) return;
  const plan = planClaim(claim, classes.get({ name: storageClassOf(claim) }), place);
  switch (plan.step) {
    case 'leave':
      return;
    case 'take': {
      const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: place.nodeName };
      await client.update(
        PersistentVolumeClaim,
        { ...claim, metadata: { ...claim.metadata, annotations } },
        { signal },
      );
      return;
    }
    case 'refuse': {
      const why = `failed to provision volume with StorageClass "${storageClassOf(claim)}": ${plan.why}`;
      events.event(claim, 'Warning', 'ProvisioningFailed', why);
      return;
    }
    case 'make':
      await makeDirectory(plan.directory);
      if (!(await createUnlessThere(client, plan.volume, signal))) return;
      events.event(
        claim,
        'Normal',
        'ProvisioningSucceeded',
        `Successfully provisioned volume ${plan.volume.metadata?.name}`,
      );
      return;
    default:
      plan satisfies never;
  }
}

/** Whoever a container runs as may write to it; the directory above lets nobody else of the machine come there. */
async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 });
  await chmod(path, 0o777);
}

async function createUnlessThere(
  client: Client,
  volume: Parameters<typeof client.create<typeof PersistentVolume>>[1],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.create(PersistentVolume, volume, { signal });
    return true;
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return false;
    throw error;
  }
}

async function reclaim({ client, volumes, place }: State, key: string, signal: AbortSignal): Promise<void> {
  const volume = volumes.get(key);
  if (!volume) return;
  const plan = planVolume(volume, place);
  if (plan.step === 'leave') return;
  if (plan.step === 'remove') await rm(plan.directory, { recursive: true, force: true });
  const { metadata } = volume;
  try {
    // When that shows, this comes again and lets it go.
    if (metadata.deletionTimestamp === undefined)
      return void (await client.delete(PersistentVolume, refOf(volume), { signal }));
    const finalizers = (metadata.finalizers ?? []).filter((each) => each !== PROVISIONER_FINALIZER);
    if (finalizers.length === metadata.finalizers?.length) return;
    await client.update(PersistentVolume, { ...volume, metadata: { ...metadata, finalizers } }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

// VolumeBinding: a pod goes where the volumes of its claims can be used. Claims that wait for their first pod get theirs
// once it is known where that runs: the plugin says which volume, or where one is to be made, and the pod is bound when
// the volumes are. What fits is volume-choice.ts's. How much room drivers have left is not asked yet.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { Pod } from '../../api/core/pod.ts';
import { claimNameOf } from '../../api/core/pod-claims.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import { boundTo, isFullyBound, isReachableFrom, SELECTED_NODE } from '../../api/storage/volume-binding.ts';
import { sleep } from '../../base/clock.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Handle, Plugin, StateKey, Status } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { type ClaimChoice, chooseVolumes, claimsOf, type PodClaims, type StorageObjects } from './volume-choice.ts';

const NAME = 'VolumeBinding';

/** In the configuration: VolumeBindingArgs. */
export interface VolumeBindingArgs {
  /** How long a pod that has a node waits for its volumes. Absent: 600. */
  readonly bindTimeoutSeconds?: number;
}

const DEFAULT_BIND_TIMEOUT_SECONDS = 600;

interface CycleData {
  readonly claims: PodClaims;
  readonly choices: Map<string, readonly ClaimChoice[]>;
}
const DATA: StateKey<CycleData> = { name: NAME };

const SKIP: Status = { code: 'Skip', reasons: [], plugin: NAME };
const rejection = (reasons: readonly string[]): Status => ({
  code: 'UnschedulableAndUnresolvable',
  reasons,
  plugin: NAME,
});

export function volumeBinding(handle: Handle, args: unknown): Plugin {
  const { bindTimeoutSeconds = DEFAULT_BIND_TIMEOUT_SECONDS } = (args ?? {}) as VolumeBindingArgs;
  const claims = handle.informers.informer(PersistentVolumeClaim);
  const objects = storageObjects(handle, claims);
  /** What pods are about to get, by their uids: nothing shows that yet. */
  const promised = new Map<string, readonly ClaimChoice[]>();
  return {
    name: NAME,
    events: () => [
      { resources: ['PersistentVolumeClaim'], actions: ['Add', 'Update'], hint: isOwnClaim },
      { resources: ['PersistentVolume', 'StorageClass'], actions: ['Add', 'Update'] },
      { resources: ['Node'], actions: ['Add', 'UpdateNodeLabel'] },
    ],

    preFilter(state, { pod }) {
      if (!pod.spec.volumes?.some((volume) => claimNameOf(pod, volume) !== undefined)) return SKIP;
      const found = claimsOf(pod, objects);
      if (typeof found === 'string') return rejection([found]);
      state.write(DATA, { claims: found, choices: new Map() });
      return undefined;
    },
    filter(state, _pod, { node }) {
      const data = state.read(DATA);
      const chosen = chooseVolumes(data.claims, node, objects, [...promised.values()].flat());
      if ('reasons' in chosen) return rejection(chosen.reasons);
      data.choices.set(node.metadata.name, chosen);
      return undefined;
    },

    reserve(state, { uid }, nodeName) {
      const chosen = chosenOn(nodeName, state.readIfPresent(DATA));
      if (chosen.length > 0) promised.set(uid, chosen);
      return undefined;
    },
    unreserve: (_state, { uid }) => void promised.delete(uid),
    async preBind(state, _pod, nodeName, signal) {
      const chosen = chosenOn(nodeName, state.readIfPresent(DATA));
      if (chosen.length === 0) return undefined;
      await Promise.all(chosen.map((choice) => settle(handle, choice, nodeName, signal)));
      await whenBound(handle, claims, chosen, { nodeName, timeoutMs: bindTimeoutSeconds * 1000, signal });
      checkReach(handle, objects, chosen, nodeName);
      return undefined;
    },
    postBind: (_state, { uid }) => void promised.delete(uid),
  };
}

function storageObjects({ informers }: Handle, claims: Informer<PersistentVolumeClaim>): StorageObjects {
  const volumes = informers.informer(PersistentVolume);
  const classes = informers.informer(StorageClass);
  return {
    claim: (namespace, name) => claims.get({ namespace, name }),
    volume: (name) => volumes.get({ name }),
    storageClass: (name) => classes.get({ name }),
    volumes: () => volumes.list(),
  };
}

/** Nothing for a pod without claims. */
function chosenOn(nodeName: string, data: CycleData | undefined): readonly ClaimChoice[] {
  return data?.choices.get(nodeName) ?? [];
}

function isOwnClaim({ pod }: PodInfo, _before: unknown, after: unknown): boolean {
  const { namespace, name } = (after as PersistentVolumeClaim).metadata;
  return pod.metadata.namespace === namespace && uses(pod, name);
}

function uses(pod: Pod, claimName: string): boolean {
  return (pod.spec.volumes ?? []).some((volume) => claimNameOf(pod, volume) === claimName);
}

/** Says which volume the claim gets, or where one is to be made for it. Fails when somebody has been faster. */
async function settle(
  { client }: Handle,
  { claim, volume }: ClaimChoice,
  nodeName: string,
  signal: AbortSignal,
): Promise<void> {
  if (volume) {
    await client.update(PersistentVolume, boundTo(volume, claim), { signal });
    return;
  }
  const { annotations } = claim.metadata;
  if (annotations?.[SELECTED_NODE] === nodeName) return;
  const marked = { ...claim.metadata, annotations: { ...annotations, [SELECTED_NODE]: nodeName } };
  await client.update(PersistentVolumeClaim, { ...claim, metadata: marked }, { signal });
}

interface Waiting {
  readonly nodeName: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Resolves when the binder is through with all claims. Throws when one will not get a volume for this node. */
async function whenBound(
  { clock }: Handle,
  claims: Informer<PersistentVolumeClaim>,
  chosen: readonly ClaimChoice[],
  { nodeName, timeoutMs, signal }: Waiting,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stopped = new AbortController();
  using _ = claims.subscribe(() => {
    try {
      if (chosen.every((choice) => isSettled(choice, claims.get(keyOf(choice.claim.metadata)), nodeName))) resolve();
    } catch (error) {
      reject(error);
    }
  });
  const timeout = sleep(clock, timeoutMs, AbortSignal.any([signal, stopped.signal])).then(() => {
    throw new Error('binding volumes: context deadline exceeded');
  });
  try {
    await Promise.race([promise, timeout]);
  } finally {
    timeout.catch(() => {}); // It ends with what it was for.
    stopped.abort();
  }
}

/** Another pod may have decided for a claim that both have, or a provisioner otherwise than it was told. */
function checkReach(handle: Handle, objects: StorageObjects, chosen: readonly ClaimChoice[], nodeName: string): void {
  const node = handle.snapshot().get(nodeName)?.node;
  for (const { claim } of chosen) {
    const { namespace, name } = claim.metadata;
    const volume = objects.volume(objects.claim(namespace, name)?.spec.volumeName ?? '');
    if (!node || !volume || isReachableFrom(volume, node)) continue;
    throw new Error(`binding volumes: pv "${volume.metadata.name}" node affinity doesn't match node "${nodeName}"`);
  }
}

function isSettled({ claim, volume }: ClaimChoice, now: PersistentVolumeClaim | undefined, nodeName: string): boolean {
  const { name, uid } = claim.metadata;
  if (now?.metadata.uid !== uid) throw new Error(`binding volumes: persistentvolumeclaim "${name}" not found`);
  if (isFullyBound(now)) return true;
  const { [SELECTED_NODE]: selectedNode } = now.metadata.annotations ?? {};
  // What was written shows only after a while; then a provisioner that cannot make one there takes it away.
  const isWritten = now.metadata.resourceVersion !== claim.metadata.resourceVersion;
  if (!volume && isWritten && selectedNode !== nodeName) throw new Error(`provisioning failed for PVC "${name}"`);
  return false;
}

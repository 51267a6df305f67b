// What belongs to which node: the objects that its pods refer to, directly or through a claim. Kept current from the
// changes of pods, volumes, attachments and slices. Upstream: k8s.io/kubernetes/plugin/pkg/auth/authorizer/node/graph.go
// keeps a graph and walks it; here every node has the set of what it can reach, so that a question is a look-up.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { Pod } from '../../api/core/pod.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import { ResourceSlice } from '../../api/resource/resource-slice.ts';
import { VolumeAttachment } from '../../api/storage/volume-attachment.ts';
import type { ObjectChange, ObjectReader } from '../registry/object-reader.ts';

/** What a pod refers to, and thereby its node: a kind of object with its namespace and name. */
export type NodeRelated =
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'pods'
  | 'resourceclaims'
  | 'resourceslices'
  | 'secrets'
  | 'serviceaccounts'
  | 'volumeattachments';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

export class NodeGraph implements Disposable {
  /** By node: how often each key is reached. */
  readonly #reached = new Map<string, Map<string, number>>();
  /** By the uid of a pod, volume attachment or slice: what it gave to which node. */
  readonly #given = new Map<string, { readonly node: string; readonly keys: readonly string[] }>();
  /** By volume: the claim that it is bound to and the secrets to mount it. */
  readonly #volumes = new Map<string, { readonly claim: string; readonly secrets: readonly string[] }>();
  /** By secret: the volumes that need it. */
  readonly #volumesOfSecret = new Map<string, Set<string>>();
  readonly #subscriptions = new DisposableStack();

  constructor({ objects }: { readonly objects: ObjectReader }) {
    this.#subscriptions.use(objects.subscribe(Pod, (change) => this.#changePod(change)));
    this.#subscriptions.use(objects.subscribe(PersistentVolume, (change) => this.#changeVolume(change)));
    this.#subscriptions.use(
      objects.subscribe(VolumeAttachment, ({ type, object: { metadata, spec } }) =>
        this.#give(metadata.uid, type === 'DELETED' ? '' : spec.nodeName, [
          key('volumeattachments', '', metadata.name),
        ]),
      ),
    );
    this.#subscriptions.use(
      objects.subscribe(ResourceSlice, ({ type, object: { metadata, spec } }) =>
        this.#give(metadata.uid, type === 'DELETED' ? '' : (spec.nodeName ?? ''), [
          key('resourceslices', '', metadata.name),
        ]),
      ),
    );
  }

  /** Whether something of the node refers to the object. `namespace` is `''` for kinds without. */
  has(node: string, kind: NodeRelated, namespace: string, name: string): boolean {
    const reached = this.#reached.get(node);
    if (!reached) return false;
    const wanted = key(kind, namespace, name);
    if (reached.has(wanted)) return true;
    if (kind !== 'secrets') return false;
    return [...(this.#volumesOfSecret.get(wanted) ?? [])].some((volume) => this.hasVolume(node, volume));
  }

  /** Whether one of the node's pods uses the claim that the volume is bound to. */
  hasVolume(node: string, name: string): boolean {
    const volume = this.#volumes.get(name);
    return volume !== undefined && (this.#reached.get(node)?.has(volume.claim) ?? false);
  }

  [Symbol.dispose](): void {
    this.#subscriptions.dispose();
  }

  #changePod({ type, object }: ObjectChange<Pod>): void {
    const node = type === 'DELETED' ? '' : (object.spec.nodeName ?? '');
    this.#give(object.metadata.uid, node, node === '' ? [] : podKeys(object));
  }

  #changeVolume({ type, object }: ObjectChange<PersistentVolume>): void {
    const { name } = object.metadata;
    for (const secret of this.#volumes.get(name)?.secrets ?? []) {
      const volumes = this.#volumesOfSecret.get(secret);
      volumes?.delete(name);
      if (volumes?.size === 0) this.#volumesOfSecret.delete(secret);
    }
    this.#volumes.delete(name);
    const claimRef = object.spec.claimRef;
    if (type === 'DELETED' || !claimRef) return;
    const claim = key('persistentvolumeclaims', claimRef.namespace ?? '', claimRef.name ?? '');
    const secrets = volumeSecrets(object);
    this.#volumes.set(name, { claim, secrets });
    for (const secret of secrets) {
      this.#volumesOfSecret.set(secret, (this.#volumesOfSecret.get(secret) ?? new Set()).add(name));
    }
  }

  /** Replaces what the giver has given; no node means that it gives nothing any more. */
  #give(giver: string, node: string, keys: readonly string[]): void {
    const before = this.#given.get(giver);
    if (before) {
      const reached = this.#reached.get(before.node);
      for (const each of before.keys) decrement(reached, each);
      if (reached?.size === 0) this.#reached.delete(before.node);
      this.#given.delete(giver);
    }
    if (node === '') return;
    this.#given.set(giver, { node, keys });
    const reached = this.#reached.get(node) ?? new Map<string, number>();
    this.#reached.set(node, reached);
    for (const each of keys) reached.set(each, (reached.get(each) ?? 0) + 1);
  }
}

/** A mirror pod comes from the node itself, so what it refers to gives the node no right to it. */
function podKeys(pod: Pod): string[] {
  const { namespace, name, annotations } = pod.metadata;
  const keys = [key('pods', namespace, name)];
  if (annotations?.[MIRROR_ANNOTATION] !== undefined) return keys;
  const { secrets, configMaps, claims, resourceClaims } = podReferences(pod);
  const account = pod.spec.serviceAccountName;
  if (account) keys.push(key('serviceaccounts', namespace, account));
  for (const each of secrets) keys.push(key('secrets', namespace, each));
  for (const each of configMaps) keys.push(key('configmaps', namespace, each));
  for (const each of claims) keys.push(key('persistentvolumeclaims', namespace, each));
  for (const each of resourceClaims) keys.push(key('resourceclaims', namespace, each));
  return keys;
}

/** The secrets that a node needs to mount the volume; those of a provisioner are not among them. */
function volumeSecrets({ spec }: PersistentVolume): string[] {
  const claimNamespace = spec.claimRef?.namespace ?? '';
  const { azureFile, csi } = spec;
  const references = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace ?? undefined },
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
    spec.cephfs?.secretRef,
    spec.cinder?.secretRef,
    spec.flexVolume?.secretRef,
    spec.iscsi?.secretRef,
    spec.rbd?.secretRef,
    spec.scaleIO?.secretRef,
    spec.storageos?.secretRef,
  ];
  return references.flatMap((reference) =>
    reference?.name ? [key('secrets', reference.namespace || claimNamespace, reference.name)] : [],
  );
}

function key(kind: NodeRelated, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

function decrement(counts: Map<string, number> | undefined, counted: string): void {
  const count = (counts?.get(counted) ?? 0) - 1;
  if (count > 0) counts?.set(counted, count);
  else counts?.delete(counted);
}

// Who depends on whom, over all kinds, as the informers tell. A pure data structure: what is to be looked at after a
// change is the answer of `observe`; looking, deleting and orphaning is garbage-collector.ts's. An owner that a dependent
// names but that was never seen stands in the graph as an unseen object, to be checked with the API server. Upstream:
// pkg/controller/garbagecollector/graph_builder.go.

import type { AnyObject, Kind } from '../../api/kind.ts';
import type { OwnerReference } from '../../api/meta/object-meta.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Change } from '../../client/object-cache.ts';

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export interface GraphNode {
  readonly identity: ObjectIdentity;
  /** Whether an informer has shown it; else it is known from a reference only. */
  readonly isSeen: boolean;
  readonly isDeleting: boolean;
  /** Deleted in the foreground: it waits for its dependents to go. */
  readonly waitsForDependents: boolean;
  readonly owners: readonly OwnerReference[];
  readonly dependents: ReadonlySet<GraphNode>;
}

/**
 * What to look at: objects that may have to go (or be let go), and owners whose dependents are to be orphaned. `misplaced`
 * are references to owners in other namespaces, which own nothing there.
 */
export interface Attention {
  readonly check: ReadonlySet<string>;
  readonly orphan: ReadonlySet<string>;
  readonly misplaced: readonly { readonly dependent: ObjectIdentity; readonly reference: OwnerReference }[];
}

/** What a change adds to it. */
class Noted implements Attention {
  readonly check = new Set<string>();
  readonly orphan = new Set<string>();
  readonly misplaced: { readonly dependent: ObjectIdentity; readonly reference: OwnerReference }[] = [];
}

interface Node extends GraphNode {
  identity: ObjectIdentity;
  isSeen: boolean;
  isDeleting: boolean;
  waitsForDependents: boolean;
  owners: readonly OwnerReference[];
  readonly dependents: Set<Node>;
}

export class ObjectGraph {
  readonly #nodes = new Map<string, Node>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Takes what an informer of the kind tells. */
  observe(kind: Pick<Kind, 'apiVersion' | 'kind'>, changes: readonly Change<AnyObject>[]): Attention {
    const noted = new Noted();
    for (const { type, object } of changes) {
      if (type === 'deleted') this.#remove(object.metadata.uid, noted.check);
      else this.#put(kind, object, noted);
    }
    return noted;
  }

  /** The object turned out not to exist: as if its deletion had been seen. */
  forget(uid: string): Attention {
    const noted = new Noted();
    this.#remove(uid, noted.check);
    return noted;
  }

  /** Dependents that keep a foreground deletion of this owner waiting. */
  blockingDependents(uid: string): readonly GraphNode[] {
    const dependents = this.#nodes.get(uid)?.dependents ?? new Set<Node>();
    return [...dependents].filter(({ owners }) =>
      owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
  }

  #put(kind: Pick<Kind, 'apiVersion' | 'kind'>, { metadata }: AnyObject, noted: Noted): void {
    const { check, orphan } = noted;
    const identity = {
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
    };
    const owners = metadata.ownerReferences ?? [];
    const node = this.#nodes.get(metadata.uid) ?? this.#add(identity, true);
    const before = node.owners;
    const isMisnamed = !node.isSeen && !deepEqual(node.identity, identity);
    node.identity = identity;
    node.isSeen = true;
    // A reference may have named it wrongly; what the informer says holds, and dependents are looked at again.
    for (const dependent of isMisnamed ? node.dependents : []) {
      check.add(dependent.identity.uid);
      for (const reference of dependent.owners) this.#noteMisplaced(dependent, reference, node, noted);
    }
    if (!deepEqual(before, owners)) this.#relink(node, before, owners, noted);

    const { finalizers = [] } = metadata;
    const isDeleting = metadata.deletionTimestamp !== undefined;
    node.isDeleting = isDeleting;
    if (isDeleting && finalizers.includes(ORPHAN)) orphan.add(metadata.uid);
    const waits = isDeleting && finalizers.includes(FOREGROUND);
    if (waits && !node.waitsForDependents) {
      check.add(metadata.uid);
      for (const dependent of node.dependents) check.add(dependent.identity.uid);
    }
    node.waitsForDependents = waits;
  }

  #relink(node: Node, before: readonly OwnerReference[], after: readonly OwnerReference[], noted: Noted): void {
    const { check } = noted;
    node.owners = after;
    const kept = new Set(after.map(({ uid }) => uid));
    for (const { uid, blockOwnerDeletion } of before) {
      const stillBlocks = after.some((owner) => owner.uid === uid && owner.blockOwnerDeletion);
      // An owner in foreground deletion may have waited for just this.
      if (blockOwnerDeletion && !stillBlocks && this.#nodes.get(uid)?.waitsForDependents) check.add(uid);
      if (!kept.has(uid)) this.#unlink(uid, node);
    }
    for (const reference of after) {
      const owner = this.#nodes.get(reference.uid);
      if (owner) {
        owner.dependents.add(node);
        // Joined late: the owner may be going already. Named wrongly: it may be no owner of this one at all.
        const isSuspect =
          owner.waitsForDependents || !owner.isSeen || !isNamedBy(owner.identity, reference, node.identity);
        if (isSuspect) check.add(node.identity.uid);
        if (!before.some(({ uid }) => uid === reference.uid)) this.#noteMisplaced(node, reference, owner, noted);
        continue;
      }
      const unseen = this.#add(identityOf(reference, node.identity.namespace), false);
      unseen.dependents.add(node);
      check.add(unseen.identity.uid);
    }
  }

  #noteMisplaced(dependent: Node, reference: OwnerReference, owner: Node, { misplaced }: Noted): void {
    const { namespace } = owner.identity;
    if (reference.uid !== owner.identity.uid || !owner.isSeen || namespace === undefined) return;
    if (namespace !== dependent.identity.namespace) misplaced.push({ dependent: dependent.identity, reference });
  }

  #unlink(ownerUid: string, dependent: Node): void {
    const owner = this.#nodes.get(ownerUid);
    owner?.dependents.delete(dependent);
    if (owner && !owner.isSeen && owner.dependents.size === 0) this.#nodes.delete(ownerUid);
  }

  #add(identity: ObjectIdentity, isSeen: boolean): Node {
    const node: Node = {
      identity,
      isSeen,
      isDeleting: false,
      waitsForDependents: false,
      owners: [],
      dependents: new Set(),
    };
    this.#nodes.set(identity.uid, node);
    return node;
  }

  #remove(uid: string, check: Set<string>): void {
    const node = this.#nodes.get(uid);
    if (!node) return;
    this.#nodes.delete(uid);
    for (const { uid: ownerUid } of node.owners) {
      if (this.#nodes.get(ownerUid)?.waitsForDependents) check.add(ownerUid);
      this.#unlink(ownerUid, node);
    }
    if (node.dependents.size === 0) return;
    // It stays as an unseen object until its dependents have been looked at and let go of it.
    const ghost = this.#add(node.identity, false);
    for (const dependent of node.dependents) {
      ghost.dependents.add(dependent);
      check.add(dependent.identity.uid);
    }
  }
}

function isNamedBy(owner: ObjectIdentity, { kind, name }: OwnerReference, dependent: ObjectIdentity): boolean {
  const isReachable = owner.namespace === undefined || owner.namespace === dependent.namespace;
  return isReachable && owner.kind === kind && owner.name === name;
}

/** An owner is in its dependent's namespace, unless its kind has none; which, its kind says when it is looked up. */
function identityOf({ apiVersion, kind, name, uid }: OwnerReference, namespace: string | undefined): ObjectIdentity {
  return { apiVersion, kind, namespace, name, uid };
}

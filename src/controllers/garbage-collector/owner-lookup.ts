// Whether owners still exist, as the API server says. The graph may be behind; deletion is decided on this alone.

import type { AnyObject, Kind } from '../../api/kind.ts';
import type { OwnerReference } from '../../api/meta/object-meta.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Client } from '../../client/client.ts';
import { FOREGROUND, type ObjectIdentity } from './object-graph.ts';

/**
 * `solid`: exists. `waiting`: exists, and is deleted in the foreground. `absent`: does not exist. `unresolvable`: names a
 * namespaced owner from an object without a namespace, which says nothing.
 */
export type OwnerState = 'solid' | 'waiting' | 'absent' | 'unresolvable';

const MAX_REMEMBERED = 500;

/** The kind of an object or owner is not served, or not yet. Nothing may be concluded from that. */
export class UnservedKindError extends Error {
  override readonly name = 'UnservedKindError';
}

export class OwnerLookup {
  readonly #client: Client;
  readonly #kinds: () => readonly Kind[];
  /** Uids are never used again, so absence lasts. */
  readonly #absent = new Set<string>();

  constructor({ client, kinds }: { readonly client: Client; readonly kinds: () => readonly Kind[] }) {
    this.#client = client;
    this.#kinds = kinds;
  }

  /** Throws `UnservedKindError`. */
  async stateOf(reference: OwnerReference, namespace: string | undefined, signal: AbortSignal): Promise<OwnerState> {
    const { apiVersion, kind, name, uid } = reference;
    if (this.kindOf({ apiVersion, kind }).namespaced && namespace === undefined) return 'unresolvable';
    // An owner in another namespace is not found in this one, which is how such references come to be absent.
    const key = `${uid} ${namespace ?? ''}`;
    if (this.#absent.has(key)) return 'absent';
    const owner = await this.read({ apiVersion, kind, namespace, name, uid }, signal);
    if (!owner) {
      this.#rememberAbsent(key);
      return 'absent';
    }
    const { deletionTimestamp, finalizers = [] } = owner.metadata;
    return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'solid';
  }

  /** The object as it is now; undefined if it has gone, or another has its name. Throws `UnservedKindError`. */
  async read(identity: ObjectIdentity, signal: AbortSignal): Promise<AnyObject | undefined> {
    const kind = this.kindOf(identity);
    const ref = { name: identity.name, namespace: kind.namespaced ? identity.namespace : undefined };
    try {
      const object = (await this.#client.get(kind, ref, { signal })) as AnyObject;
      return object.metadata.uid === identity.uid ? object : undefined;
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** In the version asked for if it is served, else in another of its group. Throws `UnservedKindError`. */
  kindOf({ apiVersion, kind }: Pick<ObjectIdentity, 'apiVersion' | 'kind'>): Kind {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    const candidates = this.#kinds().filter((candidate) => candidate.kind === kind && candidate.group === group);
    const found = candidates.find((candidate) => candidate.apiVersion === apiVersion) ?? candidates[0];
    if (!found) throw new UnservedKindError(`no kind ${kind} in ${apiVersion} is served`);
    return found;
  }

  #rememberAbsent(key: string): void {
    this.#absent.add(key);
    if (this.#absent.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#absent;
    if (oldest !== undefined) this.#absent.delete(oldest);
  }
}

// What a test is given: a cluster whose time it turns.

import type { AnyObject, Kind, ObjectOf } from '../api/kind.ts';
import type { Clock } from '../base/clock.ts';
import type { LogRecord } from '../base/log.ts';
import type { Client, ObjectRef } from '../client/client.ts';
import { serviceAccountUser, type User } from '../client/user.ts';
import type { ApplyOptions, Manifests } from './apply-manifests.ts';
import type { Duration } from './duration.ts';

export interface TestClusterOptions {
  /** How many simulated nodes there are, `node-1` and so on. Absent: 1. */
  readonly nodes?: number;
  /** When the cluster's time begins. Absent: the beginning of 2026, UTC. */
  readonly startTime?: Date | string | number;
  /** What chance is made of: the same seed gives the same names and uids. Absent: 1. */
  readonly seed?: number;
}

export interface WaitOptions {
  /** How much of the cluster's time may pass. Absent: 10 minutes. */
  readonly within?: Duration;
}

/** Whom a client acts as: RBAC applies to all but `ADMIN`. */
export type Identity =
  | { readonly user: string; readonly groups?: readonly string[] }
  | { readonly serviceAccount: string; readonly namespace: string }
  | { readonly token: string };

/** Where a cluster is served over HTTPS. */
export interface Served {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** The text of a kubeconfig for an administrator: for kubectl, client libraries and operators. */
  readonly kubeconfig: string;
}

export interface TestNodes {
  readonly names: readonly string[];
  /** The node goes silent, as one that lost its power. Its pods stay where they are until the cluster notices. */
  stop(name: string): Promise<void>;
  /** It is back. */
  start(name: string): Promise<void>;
}

/**
 * Time stands still but for `advance` and the methods that wait, which take turns if several are called at once. Whatever
 * needs no time happens at once: when `apply` or `advance` resolves, everything that was set off has settled.
 */
export interface TestCluster extends AsyncDisposable {
  /** May do everything. Typed by kinds; it is in this process and needs no connection. */
  readonly client: Client;
  /** The cluster's time, for reading it, and for components of the test's own. */
  readonly clock: Clock;
  readonly nodes: TestNodes;
  /** Everything at the level of warnings or above that the cluster has logged. */
  readonly complaints: readonly LogRecord[];

  /** Applies objects of any kind, as `kubectl apply --server-side --force-conflicts` does. */
  apply(manifests: Manifests, options?: ApplyOptions): Promise<readonly AnyObject[]>;

  /** Lets time pass: everything that is due on the way happens in order, at its own moment. */
  advance(by: Duration): Promise<void>;

  /**
   * Lets time pass until there is such an object and it is as wanted, and resolves with it. Time stops at that very moment.
   * Throws an Error that tells how the object is when it takes too long.
   */
  until<K extends Kind>(
    kind: K,
    ref: ObjectRef,
    isAsWanted: (object: ObjectOf<K>) => boolean,
    options?: WaitOptions,
  ): Promise<ObjectOf<K>>;

  /** The same until there is no such object. */
  untilGone(kind: Kind, ref: ObjectRef, options?: WaitOptions): Promise<void>;

  /** The same for anything else that the test can find out. What `isTrue` throws, it throws. */
  untilTrue(isTrue: () => boolean | Promise<boolean>, options?: WaitOptions): Promise<void>;

  /** Another client in this process. */
  clientFor(identity: Identity): Client;

  /**
   * Serves the API on loopback as well, for clients in processes of their own or with transports of their own. From then on
   * the methods that wait let the cluster's time pass as fast as the machine's, so that such clients keep up; `advance`
   * does not wait for them.
   */
  listen(options?: { readonly port?: number }): Promise<Served>;
}

export const ADMIN: User = {
  name: 'admin',
  uid: undefined,
  groups: ['system:masters', 'system:authenticated'],
  extra: {},
};

export function nodeUser(name: string): User {
  const groups = ['system:nodes', 'system:authenticated'];
  return { name: `system:node:${name}`, uid: undefined, groups, extra: {} };
}

/** The user that an identity without a token is. */
export function userOf(identity: Exclude<Identity, { readonly token: string }>): User {
  if ('serviceAccount' in identity) return serviceAccountUser(identity.namespace, identity.serviceAccount);
  const groups = [...(identity.groups ?? []), 'system:authenticated'];
  return { name: identity.user, uid: undefined, groups, extra: {} };
}

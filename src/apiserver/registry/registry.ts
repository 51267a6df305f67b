// What the verbs work with: the resources, and the code that declarations can only name.

import type { AnyObject, Kind } from '../../api/kind.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { User } from '../../client/user.ts';
import type { RequestLifetime } from '../chain/request-lifetime.ts';
import type { Connector } from '../http/connector.ts';
import type { RequestInfo } from '../request-info.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { StoreFeed } from '../watch/store-feed.ts';
import type { Admission } from './admission-chain.ts';
import type { DeletionRule } from './deletion-rule.ts';
import type { Action, ObjectSource, Review } from './handlers.ts';
import type { ObjectStorage } from './object-storage.ts';
import type { Resource, ResourceTable } from './resource.ts';
import type { StorageHook } from './storage-hook.ts';

export interface Registry {
  readonly clock: Clock;
  readonly random: Random;
  readonly resources: ResourceTable;
  readonly feed: StoreFeed;
  /** Other servers write to the store as well, so that reading the newest needs to ask it how far it is. */
  readonly sharedStore: boolean;
  currentRevision(): Promise<number>;
  /** How long a watch lasts at least that asks for no time of its own, and at most twice as long. */
  readonly watchSeconds: number;
  readonly admission: Admission;
  readonly hooks: readonly StorageHook[];
  /** By `pods/binding`, `serviceaccounts/token`. */
  readonly actions: Readonly<Record<string, Action>>;
  /** By `subjectaccessreviews.authorization.k8s.io`. */
  readonly reviews: Readonly<Record<string, Review>>;
  /** By `pods.metrics.k8s.io`: where objects come from that are made up when they are asked for. */
  readonly sources: Readonly<Record<string, ObjectSource>>;
  /** By `pods/exec`, `nodes/proxy`. */
  readonly connectors: Readonly<Record<string, Connector>>;
  deletionRule(kind: Kind): DeletionRule;
  /** Throws StatusError `Forbidden` unless the user may also create what an update is going to create. */
  authorizeCreate(user: User, info: RequestInfo): void;
}

/** A write to one object, however it came. */
export interface WriteRequest {
  readonly resource: Resource;
  readonly storage: ObjectStorage;
  /** `''` for the object itself. */
  readonly subresource: string;
  /** `''` for cluster-scoped kinds. */
  readonly namespace: string;
  /** `''` where a create leaves the name to the server. */
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** Under which name the client manages what it writes. */
  readonly fieldManager: string;
  readonly lifetime: RequestLifetime;
  /** Has a text for the client's `Warning` headers. */
  warn(text: string): void;
}

/** What a write has made: a version; or an object that is not in the store, by a dry run or because it went with it. */
export type Written =
  | { readonly type: 'version'; readonly version: ObjectVersion }
  | { readonly type: 'object'; readonly object: AnyObject };

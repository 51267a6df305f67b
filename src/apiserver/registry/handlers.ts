// The code that stands behind what a declaration can only name: actions on an object (pods/binding, pods/eviction,
// serviceaccounts/token) and virtual kinds: questions that are answered (reviews), and objects that are made up when they
// are asked for (what pods use). Each is in a file of its own, registered by name.

import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import type { LabelMatcher } from '../../api/label-selector.ts';
import type { ObjectRef } from '../../client/client.ts';
import type { User } from '../../client/user.ts';

export interface ActionRequest {
  /** The object that is acted on. */
  readonly ref: ObjectRef;
  /** What was posted: decoded, defaulted, admitted, structurally valid. */
  readonly body: AnyObject;
  readonly user: User;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** The object as it is now. Throws `NotFound`. */
  read(): AnyObject;
  /**
   * Changes the object by compare-and-swap: `change` gets a draft of the newest version and is called again when
   * somebody else was faster. The change is validated; it is not admitted again. Resolves when it is durable.
   */
  update(change: (draft: AnyDraft, current: AnyObject) => void): Promise<AnyObject>;
  /** Deletes the object as a client's delete would. */
  delete(options: {
    readonly gracePeriodSeconds?: number;
    readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  }): Promise<void>;
}

/** Answers with the object that goes back to the client (a Status for bindings and evictions). */
export type Action = (request: ActionRequest) => Promise<unknown>;

/** Answers a virtual object that was posted, by giving it back with its status filled in. */
export type Review = (
  object: AnyObject,
  context: { readonly user: User; readonly namespace: string; readonly signal: AbortSignal },
) => Promise<unknown>;

/** Which objects are asked for. A source may give more: the rest of the request's selection is applied to what it gives. */
export interface Wanted {
  /** `''` for all namespaces, and for cluster-scoped kinds. */
  readonly namespace: string;
  /** The one that is asked for, if it is one. */
  readonly name: string | undefined;
  readonly labels: LabelMatcher | undefined;
}

/** Makes up the objects of a virtual kind. They have no version, since they are not kept. */
export type ObjectSource = (
  wanted: Wanted,
  context: { readonly signal: AbortSignal },
) => Promise<readonly MadeUpObject[]>;

/** An object without what only the store gives. */
export type MadeUpObject = Omit<AnyObject, 'metadata'> & {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
};

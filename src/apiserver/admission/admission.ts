// The contract of admission: plugins may change an object before validation and refuse it after. Upstream:
// k8s.io/apiserver/pkg/admission.

import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import type { User } from '../../client/user.ts';
import type { Reservation } from '../registry/storage-hook.ts';

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: Kind;
  /** `''` for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  /** `''` when a create leaves the name to the server. */
  readonly name: string;
  /** What is to be stored, or the body of an action; the request's own copy, which `mutate` may change. */
  readonly object: AnyDraft | undefined;
  /** What stands there now, for UPDATE and DELETE. */
  readonly oldObject: AnyObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  /** Has a text for the client's `Warning` headers. */
  warn(text: string): void;
}

/** All methods refuse by throwing StatusError (mostly `Forbidden`). */
export interface AdmissionPlugin {
  /** Upstream's name: `NamespaceLifecycle`. */
  readonly name: string;
  /** Changes `request.object` in place. */
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
  /**
   * Sets aside what a create or an update is going to use up, once everybody has let it pass and it changes something;
   * for a dry run it only looks whether that would do. Undefined at once for what it has nothing to do with.
   */
  reserve?(request: AdmissionRequest): Promise<Reservation | undefined> | undefined;
}

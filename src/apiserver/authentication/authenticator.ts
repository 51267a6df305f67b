// The contract of authentication: who sent this?

import type { User } from '../../client/user.ts';

/** What a request brings to prove who sent it. */
export interface Credentials {
  /** The `authorization` header. */
  readonly authorization: string | undefined;
  /** The client certificate as DER, when TLS has verified it against the cluster's client CA. */
  readonly certificate: Uint8Array | undefined;
}

export interface Authenticator {
  /**
   * The user, or undefined when there are no credentials of a kind this authenticator knows.
   * Throws StatusError `Unauthorized` when there are and they are no good.
   */
  authenticate(credentials: Credentials): Promise<User | undefined>;
}

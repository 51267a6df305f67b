// The signer that the cluster hands in: it has the key of service account tokens, which controllers do not see.

export interface SecretTokenSubject {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  /** The name of the Secret that the token is kept in. */
  readonly secret: string;
}

export interface SecretTokenSigner {
  sign(subject: SecretTokenSubject): Promise<string>;
}

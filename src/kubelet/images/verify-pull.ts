// Whether a pod may use an image that is on the node already, or has to show the registry its credentials first: pure.
// Upstream: pkg/kubelet/images/pullmanager (KEP-2535).

import { parseImageReference } from '../../api/core/image-reference.ts';
import { repositoryOf } from './matches-image.ts';
import type { Credential, ObjectCoordinates } from './pull-credentials.ts';

/** With which credentials an image was pulled under a name. Upstream's names: this is written to disk. */
export interface PulledWith {
  /** Without any, or with the node's own: every pod may use it. */
  readonly nodePodsAccessible?: boolean;
  readonly kubernetesSecrets?: readonly (ObjectCoordinates & { readonly credentialHash: string })[];
  readonly kubernetesServiceAccounts?: readonly ObjectCoordinates[];
}

/** That the agent has pulled an image. */
export interface PulledRecord {
  readonly lastUpdatedTime: string;
  /** The runtime's id of the image. */
  readonly imageRef: string;
  /** By the image's name without tag and digest; none where it is not known how the image came. */
  readonly credentialMapping: Readonly<Record<string, PulledWith>>;
}

export interface VerificationOptions {
  /** Upstream's names. Absent: NeverVerifyPreloadedImages. */
  readonly imagePullCredentialsVerificationPolicy?: VerificationPolicy;
  /** Names without tags, or the beginnings of names that end with `/*`. */
  readonly preloadedImagesVerificationAllowlist?: readonly string[];
}

export const VERIFICATION_POLICIES = [
  'NeverVerify',
  'NeverVerifyPreloadedImages',
  'NeverVerifyAllowlistedImages',
  'AlwaysVerify',
] as const;

export type VerificationPolicy = (typeof VERIFICATION_POLICIES)[number];

export const DEFAULT_VERIFICATION_POLICY: VerificationPolicy = 'NeverVerifyPreloadedImages';

/** Secrets that are remembered of one image: those that come and go with their namespaces must not fill the disk. */
export const MAX_REMEMBERED_SECRETS = 100;

/** `docker.io/library/nginx` of `nginx:1`. */
export function nameInRecord(image: string): string {
  const reference = parseImageReference(image);
  return reference ? repositoryOf(reference) : image;
}

/** Whether who uses the image at all has to be verified. `wasPulled`: the agent has pulled it, or was about to. */
export function isVerified(image: string, wasPulled: boolean, options: VerificationOptions): boolean {
  const policy = options.imagePullCredentialsVerificationPolicy ?? DEFAULT_VERIFICATION_POLICY;
  switch (policy) {
    case 'NeverVerify':
      return false;
    case 'NeverVerifyPreloadedImages':
      return wasPulled;
    case 'NeverVerifyAllowlistedImages':
      return !isAllowlisted(nameInRecord(image), options.preloadedImagesVerificationAllowlist ?? []);
    case 'AlwaysVerify':
      return true;
    default:
      return policy satisfies never;
  }
}

function isAllowlisted(name: string, allowlist: readonly string[]): boolean {
  return allowlist.some((item) => (item.endsWith('/*') ? name.startsWith(item.slice(0, -1)) : name === item));
}

export interface AccessVerdict {
  readonly allowed: boolean;
  /** What allows it by the one half that is known, the secret or what is in it, is to be remembered as a whole. */
  readonly remember?: PulledWith;
}

/** Whether one of the pod's credentials is one that the image was pulled with. */
export function accessOf(pulled: PulledWith | undefined, credentials: readonly Credential[]): AccessVerdict {
  if (pulled?.nodePodsAccessible) return { allowed: true };
  for (const { source } of credentials) {
    if (!source) continue;
    if ('serviceAccount' in source) {
      const known = pulled?.kubernetesServiceAccounts ?? [];
      if (known.some((account) => isSame(account, source.serviceAccount))) return { allowed: true };
      continue;
    }
    const { secret } = source;
    for (const known of pulled?.kubernetesSecrets ?? []) {
      const [sameContent, sameObject] = [known.credentialHash === secret.credentialHash, isSame(known, secret)];
      if (sameContent && sameObject) return { allowed: true };
      if (sameContent || sameObject) return { allowed: true, remember: { kubernetesSecrets: [secret] } };
    }
  }
  return { allowed: false };
}

/** What is known of the image with what is new; the very same object where there is nothing new. */
export function mergePulled(known: PulledWith, news: PulledWith): PulledWith {
  if (known.nodePodsAccessible) return known;
  if (news.nodePodsAccessible) return { nodePodsAccessible: true };
  const secrets = known.kubernetesSecrets ?? [];
  const accounts = known.kubernetesServiceAccounts ?? [];
  const newSecrets = (news.kubernetesSecrets ?? []).filter(
    (secret) => !secrets.some((other) => isSame(secret, other) && secret.credentialHash === other.credentialHash),
  );
  const newAccounts = (news.kubernetesServiceAccounts ?? []).filter(
    (account) => !accounts.some((other) => isSame(account, other)),
  );
  if (newSecrets.length + newAccounts.length === 0) return known;
  const kept = secrets.filter((secret) => !newSecrets.some((other) => isSame(secret, other)));
  return {
    ...(secrets.length + newSecrets.length > 0 ? { kubernetesSecrets: [...kept, ...newSecrets] } : {}),
    ...(accounts.length + newAccounts.length > 0 ? { kubernetesServiceAccounts: [...accounts, ...newAccounts] } : {}),
  };
}

/** What a pull with the credential, or without any, lets others do. */
export function pulledWith(credential: Credential | undefined): PulledWith {
  const source = credential?.source;
  if (!source) return { nodePodsAccessible: true };
  return 'secret' in source
    ? { kubernetesSecrets: [source.secret] }
    : { kubernetesServiceAccounts: [source.serviceAccount] };
}

function isSame(a: ObjectCoordinates, b: ObjectCoordinates): boolean {
  return a.uid === b.uid && a.namespace === b.namespace && a.name === b.name;
}

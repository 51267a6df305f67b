// serviceaccounts/token: a new token for a service account, bound to a pod, a node or a secret if asked for. Upstream:
// k8s.io/kubernetes/pkg/registry/core/serviceaccount/storage/token.go.

import type { BoundObjectReference, TokenRequest } from '../../../api/authentication/token-request.ts';
import { Node } from '../../../api/core/node.ts';
import { Pod } from '../../../api/core/pod.ts';
import { Secret } from '../../../api/core/secret.ts';
import type { ServiceAccount } from '../../../api/core/service-account.ts';
import { type FieldError, fieldError } from '../../../api/field-error.ts';
import { badRequest, conflict, invalid, notFound } from '../../../api/status-error.ts';
import { formatTime } from '../../../api/time.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { ServiceAccountKey } from '../../authentication/service-account-keys.ts';
import {
  type ClaimReference,
  signToken,
  type TokenSubject,
  tokenClaims,
} from '../../authentication/service-account-tokens.ts';
import type { Action } from '../handlers.ts';
import type { ObjectReader } from '../object-reader.ts';

const KIND = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
const DEFAULT_EXPIRATION_SECONDS = 3600;
const MIN_EXPIRATION_SECONDS = 600;

/** What the volume that every pod gets asks for: such a token is not watched over by anybody who knows when it ends. */
const AUTOMATIC_EXPIRATION_SECONDS = 3607;
const EXTENDED_EXPIRATION_SECONDS = 365 * 24 * 3600;

export interface TokenRequestDeps {
  readonly objects: ObjectReader;
  readonly clock: Clock;
  readonly random: Random;
  readonly key: ServiceAccountKey;
}

export interface TokenRequestOptions {
  readonly issuer: string;
  /** The API server's own audiences: what a token is for when nothing is said. */
  readonly audiences: readonly string[];
}

/**
 * Clients that read their token only once go on working for a year: a token as every pod gets it lives that long and says
 * when it was meant to end (upstream's --service-account-extend-token-expiration, on by default).
 */
export function tokenRequest(deps: TokenRequestDeps, { issuer, audiences: ownAudiences }: TokenRequestOptions): Action {
  return async ({ ref, body, read }) => {
    const request = body as unknown as TokenRequest;
    const account = read() as unknown as ServiceAccount;
    const { namespace = '', name } = ref;
    refuseInvalid(request, namespace, name);
    const { boundObjectRef } = request.spec;
    const expirationSeconds = request.spec.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS;
    const audiences = request.spec.audiences?.length ? request.spec.audiences : ownAudiences;
    const binding = boundObjectRef ? bind(deps.objects, account, boundObjectRef) : {};
    const isAutomatic =
      binding.pod !== undefined &&
      expirationSeconds === AUTOMATIC_EXPIRATION_SECONDS &&
      audiences.every((audience) => ownAudiences.includes(audience));
    const nowMs = deps.clock.now();
    const subject = { namespace, account: { name, uid: account.metadata.uid }, ...binding };
    const terms = { issuer, audiences, id: deps.random.uuid(), nowMs };
    const claims = tokenClaims(
      subject,
      isAutomatic
        ? { ...terms, expirationSeconds: EXTENDED_EXPIRATION_SECONDS, warnAfterSeconds: expirationSeconds }
        : { ...terms, expirationSeconds },
    );
    return {
      ...body,
      metadata: { ...body.metadata, name, namespace, creationTimestamp: formatTime(nowMs) },
      spec: { ...request.spec, audiences, expirationSeconds },
      status: {
        token: await signToken(deps.key, claims),
        expirationTimestamp: formatTime(nowMs + expirationSeconds * 1000),
      },
    };
  };
}

function refuseInvalid({ metadata, spec }: TokenRequest, namespace: string, name: string): void {
  if (metadata?.name && metadata.name !== name) {
    const error = fieldError.invalid(
      'metadata.name',
      metadata.name,
      'must match the service account name if specified',
    );
    throw invalid(KIND, name, [error]);
  }
  if (metadata?.namespace && metadata.namespace !== namespace) {
    const why = 'must match the service account namespace if specified';
    throw invalid(KIND, name, [fieldError.invalid('metadata.namespace', metadata.namespace, why)]);
  }
  const errors = expirationErrors(spec.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS);
  if (errors.length > 0) throw invalid(KIND, '', errors);
}

function expirationErrors(seconds: number): FieldError[] {
  const invalidBecause = (why: string) => [fieldError.invalid('spec.expirationSeconds', seconds, why)];
  if (seconds < MIN_EXPIRATION_SECONDS) return invalidBecause('may not specify a duration less than 10 minutes');
  if (seconds > 2 ** 32) return invalidBecause('may not specify a duration larger than 2^32 seconds');
  return [];
}

type Binding = Pick<TokenSubject, 'pod' | 'node' | 'secret'>;

/** Throws unless the object is there, is the one that is meant, and may hold a token of this account. */
function bind(objects: ObjectReader, account: ServiceAccount, ref: BoundObjectReference): Binding {
  const { namespace, name: accountName } = account.metadata;
  const { apiVersion = '', kind = '', name = '' } = ref;
  const isCore = !apiVersion.includes('/');
  if (isCore && kind === 'Pod') {
    const pod = objects.get(Pod, { namespace, name });
    if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
    if (pod.spec.serviceAccountName !== accountName) {
      const whose = `serviceaccount ${JSON.stringify(accountName)}`;
      throw badRequest(`cannot bind token for ${whose} to pod running with different serviceaccount name.`);
    }
    const node = nodeReference(objects, pod);
    return { pod: claimed(ref, pod.metadata.uid), ...(node ? { node } : {}) };
  }
  if (isCore && kind === 'Node') {
    const node = objects.get(Node, { name });
    if (!node) throw notFound({ group: '', resource: 'nodes' }, name);
    return { node: claimed(ref, node.metadata.uid) };
  }
  if (isCore && kind === 'Secret') {
    const secret = objects.get(Secret, { namespace, name });
    if (!secret) throw notFound({ group: '', resource: 'secrets' }, name);
    return { secret: claimed(ref, secret.metadata.uid) };
  }
  const [group, version] = isCore ? ['', apiVersion] : apiVersion.split('/');
  throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
}

function claimed({ kind = '', name = '', uid }: BoundObjectReference, actual: string): ClaimReference {
  if (!uid || uid === actual) return { name, uid: actual };
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. `;
  throw conflict({ group: '', resource: kind }, name, `${why}The object might have been deleted and then recreated`);
}

/** For information; a node that is not there any more is still named. */
function nodeReference(objects: ObjectReader, { spec: { nodeName } }: Pod): ClaimReference | undefined {
  if (!nodeName) return undefined;
  const node = objects.get(Node, { name: nodeName });
  return node ? { name: nodeName, uid: node.metadata.uid } : { name: nodeName };
}

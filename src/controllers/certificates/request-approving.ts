// Approves requests for the client certificates of node agents, if whoever asks may have them. Upstream:
// pkg/controller/certificates/approver.

import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import { parseCertificateRequest } from '../../api/certificates/certificate-request.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { type RequestedNames, requestedNames } from '../../api/certificates/requested-names.ts';
import { backoffDelayMs } from '../../base/backoff.ts';
import { decodeBase64 } from '../../base/base64.ts';
import { type Client, pathOf } from '../../client/client.ts';
import type { ObjectKey } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { requestCondition } from './request-progress.ts';
import { KUBELET_CLIENT_SIGNER, kubeletClientFault } from './signer-rules.ts';

const BACKOFF = { baseMs: 200, maxMs: 1_000_000 };

/** A right that makes for an approval, and what the approval says. */
interface Permission {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
}

const OWN: Permission = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
};
const ANY: Permission = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
};

export function certificateRequestApproving({ client, informers }: ControllerDeps): Controller {
  const requests = informers.informer(CertificateSigningRequest);
  /** How often requests were looked at whose requesters have no right (yet). */
  const refusals = new Map<ObjectKey, number>();
  return {
    name: 'certificatesigningrequest-approving-controller',
    backoff: BACKOFF,
    reads: [requests],
    watch: (enqueue) => [
      requests.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'deleted' || !isUndecided(object)) refusals.delete(object.metadata.name);
          else enqueue(object.metadata.name);
        }
      }),
    ],
    async reconcile(name, { signal }) {
      const request = requests.get(name);
      if (!request || !isUndecided(request)) return undefined;
      const wanted = permissionsFor(
        request,
        requestedNames(parseCertificateRequest(decodeBase64(request.spec.request))),
      );
      for (const permission of wanted) {
        if (!(await isAllowed(client, request, permission, signal))) continue;
        await approve(client, request, permission, signal);
        return undefined;
      }
      if (wanted.length === 0) return undefined;
      // The right may be given later; nothing tells of that.
      const count = (refusals.get(name) ?? 0) + 1;
      refusals.set(name, count);
      return { requeueAfterMs: backoffDelayMs(count, BACKOFF) };
    },
  };
}

function isUndecided(request: CertificateSigningRequest): boolean {
  const isDecided = requestCondition(request, 'Approved') ?? requestCondition(request, 'Denied');
  return request.spec.signerName === KUBELET_CLIENT_SIGNER && !isDecided && !request.status.certificate;
}

/** Any of these will do. A node that has a certificate asks for its next one by itself. */
function permissionsFor({ spec }: CertificateSigningRequest, names: RequestedNames): readonly Permission[] {
  if (kubeletClientFault(names, spec.usages ?? []) !== undefined) return [];
  return spec.username === names.commonName ? [OWN, ANY] : [ANY];
}

async function isAllowed(
  client: Client,
  { spec }: CertificateSigningRequest,
  { subresource }: Permission,
  signal: AbortSignal,
): Promise<boolean> {
  const resourceAttributes = {
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    verb: 'create',
    subresource,
  };
  const { username = '', uid, groups, extra } = spec;
  const review = await client.create(
    SubjectAccessReview,
    {
      spec: {
        user: username,
        ...(uid === undefined ? {} : { uid }),
        ...(groups ? { groups } : {}),
        ...(extra ? { extra } : {}),
        resourceAttributes,
      },
    },
    { signal },
  );
  return review.status.allowed ?? false;
}

async function approve(
  client: Client,
  request: CertificateSigningRequest,
  { message }: Permission,
  signal: AbortSignal,
): Promise<void> {
  const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
  const conditions = [...(request.status.conditions ?? []), condition];
  const body = { ...request, status: { ...request.status, conditions } };
  await client.request('PUT', pathOf(CertificateSigningRequest, { name: request.metadata.name }, 'approval'), {
    body,
    signal,
  });
}

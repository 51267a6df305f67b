// Who decides what of a certificate signing request: the requester what is asked for, once; the server who asks and when
// conditions changed; approvers the conditions; signers the rest of the status. Upstream:
// pkg/registry/certificates/certificates/strategy.go.

import type { Draft } from '../schema.ts';
import type { WriteContext } from '../write-context.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './certificate-signing-request.ts';

type Request = Draft<CertificateSigningRequest>;
type Condition = Draft<CertificateSigningRequestCondition>;

/** What was asked for stays as it was. */
export function keepRequest(request: Request, previous: CertificateSigningRequest): void {
  request.spec = previous.spec as Request['spec'];
}

/** An approval is of conditions alone. */
export function prepareApproval(request: Request, previous: CertificateSigningRequest): void {
  keepRequest(request, previous);
  const { conditions } = request.status;
  request.status = { ...(previous.status as Request['status']) };
  if (conditions) request.status.conditions = conditions;
  else delete request.status.conditions;
}

/** Signers leave approvals and denials as they are; to add or remove one is refused. */
export function prepareRequestForStatusUpdate({ status }: Request, previous: CertificateSigningRequest): void {
  for (const type of ['Approved', 'Denied']) {
    const before = (previous.status.conditions ?? []).filter((condition) => condition.type === type);
    if (before.length !== status.conditions?.filter((condition) => condition.type === type).length) continue;
    status.conditions = status.conditions.map((condition) => {
      return condition.type === type ? { ...(before.shift() as Condition) } : condition;
    });
  }
}

export function stampRequest(
  request: Request,
  previous: CertificateSigningRequest | undefined,
  { user, now }: WriteContext,
): void {
  if (!previous) noteRequester(request.spec, user);
  else if (request.status.conditions) {
    // Not into the status: where it has been put back it is the one that is there.
    const conditions = withTimes(request.status.conditions, previous.status.conditions ?? [], now);
    request.status = { ...request.status, conditions };
  }
}

function noteRequester(spec: Request['spec'], user: WriteContext['user']): void {
  for (const field of ['username', 'uid', 'groups', 'extra'] as const) delete spec[field];
  Object.assign(spec, structuredClone(user));
}

/** A condition that goes on with the same status has not changed. */
function withTimes(
  conditions: readonly Condition[],
  before: readonly CertificateSigningRequestCondition[],
  now: string,
): Condition[] {
  return conditions.map((condition) => {
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? now,
    };
  });
}

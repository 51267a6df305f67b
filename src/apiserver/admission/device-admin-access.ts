// DeviceAdminAccess: devices that others are using are for those to look into who own the namespace's label. Upstream has
// this in its validation (AuthorizedForAdmin in pkg/registry/resource), which here knows of no other objects; KEP-5018.

import { Namespace } from '../../api/core/namespace.ts';
import { type FieldError, fieldError, Path } from '../../api/field-error.ts';
import type { AnyDraft } from '../../api/kind.ts';
import { ResourceClaim } from '../../api/resource/resource-claim.ts';
import type { DeviceClaim } from '../../api/resource/resource-claim-spec.ts';
import { ResourceClaimTemplate } from '../../api/resource/resource-claim-template.ts';
import { invalid } from '../../api/status-error.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const LABEL = 'resource.kubernetes.io/admin-access';

export function deviceAdminAccess({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'DeviceAdminAccess',
    validate(request) {
      const at = wantedAt(request);
      if (!at || objects.get(Namespace, { name: request.namespace })?.metadata.labels?.[LABEL] === 'true') return;
      throw invalid(request.kind, request.object?.metadata.name ?? request.name, [unlabelled(at)]);
    },
  };
}

function unlabelled(at: Path): FieldError {
  const why = `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`;
  return fieldError.forbidden(at, why);
}

/** Where access is asked for that was not there before: in new specs, which do not change, and in statuses. */
function wantedAt({ kind, operation, subresource, object, oldObject }: AdmissionRequest): Path | undefined {
  if (!object) return undefined;
  if (operation === 'CREATE' && kind === ResourceClaim)
    return requestAt((object as unknown as ResourceClaim).spec.devices);
  if (operation === 'CREATE' && kind === ResourceClaimTemplate) {
    // Upstream names the field as in a claim.
    return requestAt((object as unknown as ResourceClaimTemplate).spec.spec.devices);
  }
  if (operation !== 'UPDATE' || kind !== ResourceClaim || subresource !== 'status') return undefined;
  return oldObject && grantAt(oldObject) ? undefined : grantAt(object);
}

function requestAt({ requests }: DeviceClaim): Path | undefined {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  return index < 0 ? undefined : Path.of('spec', 'devices', 'requests').index(index).child('adminAccess');
}

function grantAt(claim: AnyDraft | NonNullable<AdmissionRequest['oldObject']>): Path | undefined {
  const { status } = claim as unknown as ResourceClaim;
  const index = status.allocation?.devices.results?.findIndex(({ adminAccess }) => adminAccess === true) ?? -1;
  const at = Path.of('status', 'allocation', 'devices', 'results');
  return index < 0 ? undefined : at.index(index).child('adminAccess');
}

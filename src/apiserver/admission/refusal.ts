// The refusal of a request by admission. Upstream: k8s.io/apiserver/pkg/admission/errors.go.

import { forbidden, type StatusError } from '../../api/status-error.ts';
import type { AdmissionRequest } from './admission.ts';

/** A 403 that names the object; one that has no name yet by the beginning of it. */
export function refusal({ kind, name, object }: AdmissionRequest, why: string): StatusError {
  const called = name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown';
  return forbidden({ group: kind.group, resource: kind.plural }, called, why);
}

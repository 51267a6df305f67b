// NamespaceLifecycle: nothing is made in a namespace that is not there or on its way out, and the namespaces that the
// system rests on stay. Upstream: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle; it also waits for caches to
// learn of new namespaces, which is not needed where reads are always current.

import { LocalSubjectAccessReview } from '../../api/authorization/local-subject-access-review.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { forbidden, notFound, StatusError } from '../../api/status-error.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

const NAMESPACES = { group: '', resource: 'namespaces' };
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Changes nothing, but comes with those that do: before any of them builds on the namespace. */
export function namespaceLifecycle({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    mutate(request) {
      const { kind, operation, name, namespace } = request;
      if (kind === Namespace) {
        if (operation !== 'DELETE' || !IMMORTAL.has(name)) return;
        throw forbidden(NAMESPACES, name, 'this namespace may not be deleted');
      }
      // An access review would tell who asks it whether the namespace is there.
      if (namespace === '' || operation === 'DELETE' || kind === LocalSubjectAccessReview) return;
      const found = objects.get(Namespace, { name: namespace });
      if (!found) throw notFound(NAMESPACES, namespace);
      if (operation === 'CREATE' && found.status?.phase === 'Terminating') throw terminating(request);
    },
  };
}

function terminating(request: AdmissionRequest): StatusError {
  const { namespace } = request;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message, details } = refusal(request, why);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new StatusError('Forbidden', message, { details: { ...details, causes: [cause] } });
}

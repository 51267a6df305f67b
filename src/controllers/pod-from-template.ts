// The pod that a controller makes from its template. Upstream: GetPodFromTemplate in pkg/controller/controller_utils.go.

import type { Pod } from '../api/core/pod.ts';
import type { PodTemplateSpec } from '../api/core/pod-spec.ts';
import type { AnyObject, InputOf, Kind } from '../api/kind.ts';
import { isStatusError } from '../api/status-error.ts';
import { controllerReference } from './owner-reference.ts';

export function podFromTemplate(template: PodTemplateSpec, ownerKind: Kind, owner: AnyObject): InputOf<typeof Pod> {
  const { labels, annotations, finalizers } = template.metadata;
  return {
    metadata: {
      generateName: podNamePrefix(owner.metadata.name),
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(ownerKind, owner)],
    },
    ...(template.spec ? { spec: template.spec } : {}),
  } as InputOf<typeof Pod>;
}

/** A pod was refused because its namespace is going: nothing to report, and no reason to try again. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!isStatusError(error, 'Forbidden')) return false;
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

/** `name-`, unless that would leave no room for a suffix; the server shortens what is too long. */
function podNamePrefix(ownerName: string): string {
  return `${ownerName}-`;
}

// runAsNonRoot: a container whose user is root, or may be, is not made. Upstream: verifyRunAsNonRoot in
// pkg/kubelet/kuberuntime/security_context.go.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';

/** The user as the image names it: a number, or a name that only the image's own passwd file explains. */
export interface ImageUser {
  readonly uid: number | undefined;
  readonly username: string;
}

/** Why the container must not run; undefined when it may. */
export function rootRefusal(pod: Pod, container: Container, image: ImageUser): string | undefined {
  const own = container.securityContext;
  const shared = pod.spec.securityContext;
  if ((own?.runAsNonRoot ?? shared?.runAsNonRoot) !== true) return undefined;
  const user = own?.runAsUser ?? shared?.runAsUser;
  const { name, namespace, uid } = pod.metadata;
  const where = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  if (image.username !== '') {
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`;
  }
  if ((image.uid ?? 0) === 0) return `container has runAsNonRoot and image will run as root ${where}`;
  return undefined;
}

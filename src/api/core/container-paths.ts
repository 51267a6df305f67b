// All containers of a pod, of whatever sort, each with its place in the spec. Upstream: VisitContainersWithPath in
// pkg/apis/core/pods.

import type { Path } from '../field-error.ts';
import type { Container, EphemeralContainer } from './container.ts';
import type { PodSpec } from './pod-spec.ts';

export interface ContainerWithPath {
  readonly container: Container | EphemeralContainer;
  readonly path: Path;
}

export function containersWithPaths(
  spec: Pick<PodSpec, 'initContainers' | 'containers' | 'ephemeralContainers'>,
  at: Path,
): ContainerWithPath[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) =>
    (spec[field] ?? []).map((container, index) => ({ container, path: at.child(field).index(index) })),
  );
}

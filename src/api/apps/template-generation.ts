// The generation of a daemon set's template, which older clients still read from an annotation. Upstream: TemplateGeneration
// in pkg/registry/apps/daemonset/strategy.go.

import { deepEqual } from '../deep-equal.ts';
import type { Draft } from '../schema.ts';
import type { DaemonSet } from './daemon-set.ts';

export const TEMPLATE_GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

export function beginTemplateGeneration({ metadata }: Draft<DaemonSet>): void {
  const given = Number(metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION]);
  setGeneration(metadata, Number.isSafeInteger(given) && given > 0 ? given : 1);
}

/** Updates do not decide it: it counts the changes of the template. */
export function countTemplateGeneration({ metadata, spec }: Draft<DaemonSet>, previous: DaemonSet): void {
  const before = Number(previous.metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION]) || 0;
  setGeneration(metadata, deepEqual(spec.template, previous.spec.template) ? before : before + 1);
}

function setGeneration(metadata: Draft<DaemonSet>['metadata'], generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION_ANNOTATION]: String(generation) };
}

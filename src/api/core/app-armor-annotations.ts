// AppArmor profiles that are still given by annotations, as before v1.30: of a new pod they are made fields, which are all
// that node agents look at. Upstream: applyAppArmorVersionSkew in pkg/registry/core/pod and KEP-24.

import { deepEqual } from '../deep-equal.ts';
import { type FieldError, Path } from '../field-error.ts';
import type { Draft } from '../schema.ts';
import type { Pod } from './pod.ts';
import { APP_ARMOR_DEPRECATED, APP_ARMOR_PREFIX, LOCALHOST_PREFIX } from './pod-annotations-validation.ts';
import type { AppArmorProfile } from './security-context.ts';
import { checkAppArmorProfile } from './security-context-validation.ts';

const ANNOTATIONS = Path.of('metadata', 'annotations');

export function adoptAppArmorAnnotations({ metadata, spec }: Draft<Pod>, warn?: (text: string) => void): void {
  if (spec.os?.name === 'windows') return;
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  const ofPod = spec.securityContext?.appArmorProfile;
  for (const container of [...initContainers, ...(containers ?? []), ...ephemeralContainers]) {
    const key = APP_ARMOR_PREFIX + container.name;
    const annotation = metadata.annotations?.[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = profileOf(annotation);
    if (profile && deepEqual(profile, ofPod)) continue;
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    warn?.(`${ANNOTATIONS.key(key)}: ${APP_ARMOR_DEPRECATED}`);
  }
}

/** Nothing for an annotation that says nothing or something wrong: if it is wrong, the pod is refused for it. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith(LOCALHOST_PREFIX)) return undefined;
  const profile = { type: 'Localhost', localhostProfile: annotation.slice(LOCALHOST_PREFIX.length) } as const;
  const errors: FieldError[] = [];
  checkAppArmorProfile(profile, Path.of(), errors);
  return errors.length === 0 ? profile : undefined;
}

// The rules of the annotations that mean something for a pod. Those of AppArmor and seccomp say what fields say now: where
// both are there they have to agree. Upstream: ValidatePodSpecificAnnotations and what is around it in
// pkg/apis/core/validation.

import { checkLocalPath } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { containersWithPaths } from './container-paths.ts';
import type { PodSpec } from './pod-spec.ts';
import type { AppArmorProfile, SeccompProfile } from './security-context.ts';

/** Marks what the API shows of a pod that a node runs from a file. */
export const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';
const DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';
export const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
/** What those are told who still use such an annotation. */
export const APP_ARMOR_DEPRECATED = 'deprecated since v1.30; use the "appArmorProfile" field instead';
export const LOCALHOST_PREFIX = 'localhost/';

type Annotations = Readonly<Record<string, string>>;

export function checkPodAnnotations(
  annotations: Annotations,
  spec: Pick<PodSpec, 'nodeName' | 'containers' | 'initContainers' | 'ephemeralContainers'>,
  at: Path,
  errors: FieldError[],
): void {
  const mirror = annotations[MIRROR_POD_ANNOTATION];
  if (mirror !== undefined && !spec.nodeName) {
    const why = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(fieldError.invalid(at.key(MIRROR_POD_ANNOTATION), mirror, why));
  }
  const cost = annotations[DELETION_COST_ANNOTATION];
  if (cost !== undefined && !isDeletionCost(cost)) {
    errors.push(fieldError.invalid(at.key(DELETION_COST_ANNOTATION), cost, 'must be a 32bit integer'));
  }
  const names = new Set(containersWithPaths(spec, at).map(({ container }) => container.name));
  for (const [key, value] of Object.entries(annotations)) {
    if (key === SECCOMP_POD_ANNOTATION || key.startsWith(SECCOMP_PREFIX)) {
      checkSeccompName(value, at.child(key), errors);
    } else if (key.startsWith(APP_ARMOR_PREFIX)) {
      const container = key.slice(APP_ARMOR_PREFIX.length);
      if (!names.has(container)) errors.push(fieldError.invalid(at.key(key), container, 'container not found'));
      if (!isAppArmorName(value)) {
        const why = `invalid AppArmor profile name: ${JSON.stringify(value)}`;
        errors.push(fieldError.invalid(at.key(key), value, why));
      }
    }
  }
}

/** What a running pod was started with cannot change under it. */
export function checkPodAnnotationsUpdate(
  annotations: Annotations,
  previous: Annotations,
  at: Path,
  errors: FieldError[],
): void {
  for (const key of new Set([...Object.keys(previous), ...Object.keys(annotations)])) {
    if (annotations[key] === previous[key]) continue;
    const verb = previous[key] === undefined ? 'add' : 'remove or update';
    if (key.startsWith(APP_ARMOR_PREFIX)) {
      errors.push(fieldError.forbidden(at.key(key), `may not ${verb} AppArmor annotations`));
    }
    if (key === MIRROR_POD_ANNOTATION) {
      errors.push(fieldError.forbidden(at.key(key), `may not ${verb} mirror pod annotation`));
    }
  }
}

/** For pods that begin and for templates. `at` is the spec's place. */
export function checkAnnotatedProfiles(annotations: Annotations, spec: PodSpec, at: Path, errors: FieldError[]): void {
  const context = spec.securityContext;
  const onPod = annotations[SECCOMP_POD_ANNOTATION];
  if (context?.seccompProfile && onPod !== undefined) {
    checkSeccompMatch(onPod, context.seccompProfile, at.child('securityContext', 'seccompProfile'), errors);
  }
  for (const { container, path } of containersWithPaths(spec, at)) {
    const own = container.securityContext;
    const seccomp = annotations[SECCOMP_PREFIX + container.name];
    if (own?.seccompProfile && seccomp !== undefined) {
      checkSeccompMatch(seccomp, own.seccompProfile, path.child('securityContext', 'seccompProfile'), errors);
    }
    const appArmor = annotations[APP_ARMOR_PREFIX + container.name];
    const profile = own?.appArmorProfile ?? context?.appArmorProfile;
    if (profile && appArmor !== undefined && spec.os?.name !== 'windows') {
      checkAppArmorMatch(appArmor, profile, path.child('securityContext', 'appArmorProfile'), errors);
    }
  }
}

/** A 32-bit integer, neither with a plus nor with zeros before it. */
function isDeletionCost(text: string): boolean {
  if (!/^(0|-[0-9]+|[1-9][0-9]*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function checkSeccompName(name: string, at: Path, errors: FieldError[]): void {
  if (name === 'runtime/default' || name === 'docker/default' || name === 'unconfined') return;
  if (name.startsWith(LOCALHOST_PREFIX)) checkLocalPath(name.slice(LOCALHOST_PREFIX.length), at, errors);
  else errors.push(fieldError.invalid(at, name, 'must be a valid seccomp profile'));
}

function isAppArmorName(name: string): boolean {
  return name === '' || name === 'runtime/default' || name === 'unconfined' || name.startsWith(LOCALHOST_PREFIX);
}

function checkSeccompMatch(annotation: string, profile: SeccompProfile, at: Path, errors: FieldError[]): void {
  const isDefault = annotation === 'runtime/default' || annotation === 'docker/default';
  checkMatch({ annotation, isDefault }, profile, 'seccomp', at, errors);
}

function checkAppArmorMatch(annotation: string, profile: AppArmorProfile, at: Path, errors: FieldError[]): void {
  checkMatch({ annotation, isDefault: annotation === 'runtime/default' }, profile, 'apparmor', at, errors);
}

function checkMatch(
  { annotation, isDefault }: { readonly annotation: string; readonly isDefault: boolean },
  { type, localhostProfile }: SeccompProfile | AppArmorProfile,
  name: string,
  at: Path,
  errors: FieldError[],
): void {
  const isLocal = annotation.startsWith(LOCALHOST_PREFIX);
  const isSameType =
    type === 'Unconfined'
      ? annotation === 'unconfined'
      : type === 'RuntimeDefault'
        ? isDefault
        : type !== 'Localhost' || isLocal;
  if (!isSameType) {
    errors.push(fieldError.forbidden(at.child('type'), `${name} type in annotation and field must match`));
  } else if (type === 'Localhost' && annotation.slice(LOCALHOST_PREFIX.length) !== localhostProfile) {
    const why = `${name} profile in annotation and field must match`;
    errors.push(fieldError.forbidden(at.child('localhostProfile'), why));
  }
}

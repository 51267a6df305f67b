// Checks of the profiles under which containers run: AppArmor, SELinux, seccomp, the masks of /proc, capabilities. For some
// the restricted level has a stricter check in place of the one of the baseline.

import {
  APP_ARMOR_PREFIX,
  LOCALHOST_PREFIX,
  SECCOMP_POD_ANNOTATION,
  SECCOMP_PREFIX,
} from '../../../api/core/pod-annotations-validation.ts';
import type { SELinuxOptions, SecurityContext } from '../../../api/core/security-context.ts';
import {
  type Check,
  type CheckPod,
  containersOf,
  containersThat,
  containersWhose,
  counted,
  distinct,
  isInUserNamespace,
  named,
  type PodParts,
  quoted,
  setters,
} from './check.ts';

/** `"x"` as Go prints it with %q; values of annotations can hold anything. */
const assignment = ([key, value]: readonly [string, string]) => `${key}=${JSON.stringify(value)}`;

type Profile = { readonly type: string } | undefined;

const isSafeProfile = (profile: Profile) =>
  profile === undefined || profile.type === 'RuntimeDefault' || profile.type === 'Localhost';

/** Who has a profile that is not safe, and which these are. */
function badProfiles(pod: PodParts, field: 'appArmorProfile' | 'seccompProfile') {
  const ofPod = pod.spec.securityContext?.[field];
  const own = containersOf(pod).map(({ securityContext }) => securityContext?.[field]);
  return {
    who: setters(
      !isSafeProfile(ofPod),
      containersWhose(pod, (context) => !isSafeProfile(context[field])),
    ),
    types: distinct([ofPod, ...own].flatMap((profile) => (profile && !isSafeProfile(profile) ? [profile.type] : []))),
  };
}

export const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const { who, types } = badProfiles(pod, 'appArmorProfile');
        const annotations = Object.entries(pod.metadata.annotations ?? {})
          .filter(([key, value]) => key.startsWith(APP_ARMOR_PREFIX) && !isSafeAppArmorAnnotation(value))
          .map(assignment)
          .sort();
        const all = [who, ...(annotations.length > 0 ? [counted('annotation', annotations)] : [])].filter(Boolean);
        if (all.length === 0) return undefined;
        const values = [...types, ...annotations];
        return {
          reason: counted('forbidden AppArmor profile', values),
          detail: `${all.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
        };
      },
    },
  ],
};

const isSafeAppArmorAnnotation = (value: string) =>
  value === '' || value === 'runtime/default' || value.startsWith(LOCALHOST_PREFIX);

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

export const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: checkSeLinux(new Set(SELINUX_TYPES)) },
    { since: 31, check: checkSeLinux(new Set([...SELINUX_TYPES, 'container_engine_t'])) },
  ],
};

function checkSeLinux(types: ReadonlySet<string>): CheckPod {
  const isBad = ({ type = '', user = '', role = '' }: SELinuxOptions = {}) =>
    !types.has(type) || user !== '' || role !== '';
  return (pod) => {
    const ofPod = pod.spec.securityContext?.seLinuxOptions;
    const who = setters(
      isBad(ofPod),
      containersWhose(pod, (context) => isBad(context.seLinuxOptions)),
    );
    if (who === '') return undefined;
    const all = [ofPod, ...containersOf(pod).map(({ securityContext }) => securityContext?.seLinuxOptions)];
    const bad = distinct(all.flatMap((options) => (types.has(options?.type ?? '') ? [] : [options?.type ?? ''])));
    const what = [
      ...(bad.length > 0 ? [named('type', bad)] : []),
      ...(['user', 'role'] as const)
        .filter((field) => all.some((options) => options?.[field]))
        .map((field) => `${field} may not be set`),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };
}

export const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: checkSeccompAnnotations },
    { since: 19, check: checkSeccompProfiles },
  ],
};

function checkSeccompAnnotations(pod: PodParts) {
  const { annotations = {} } = pod.metadata;
  const keys = [SECCOMP_POD_ANNOTATION, ...containersOf(pod).map(({ name }) => `${SECCOMP_PREFIX}${name}`)];
  const bad = distinct(
    keys.flatMap((key) => {
      const value = annotations[key];
      return value === undefined || isSafeSeccompAnnotation(value) ? [] : [assignment([key, value])];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${counted('annotation', bad)} ${bad.join(', ')}` };
}

const isSafeSeccompAnnotation = (value: string) =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith(LOCALHOST_PREFIX);

function checkSeccompProfiles(pod: PodParts) {
  const { who, types } = badProfiles(pod, 'seccompProfile');
  if (who === '') return undefined;
  const detail = `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`;
  return { reason: 'seccompProfile', detail };
}

export const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: requireSeccompProfiles, overrides: [seccompBaseline.id] },
    { since: 25, check: unlessOnWindows(requireSeccompProfiles), overrides: [seccompBaseline.id] },
  ],
};

function requireSeccompProfiles(pod: PodParts) {
  const bad = checkSeccompProfiles(pod);
  if (bad || pod.spec.securityContext?.seccompProfile) return bad;
  const without = containersThat(pod, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (without.length === 0) return undefined;
  const what = 'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason: 'seccompProfile', detail: `pod or ${named('container', without)} must set ${what}` };
}

/** Fields that mean nothing on Windows need not be set there. */
export function unlessOnWindows(check: CheckPod): CheckPod {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod));
}

export const procMountBaseline: Check = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check: checkProcMount },
    { since: 35, check: (pod) => (isInUserNamespace(pod) ? undefined : checkProcMount(pod)) },
  ],
};

export const procMountRestricted: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check: checkProcMount, overrides: [procMountBaseline.id] }],
};

function checkProcMount(pod: PodParts) {
  const isBad = ({ procMount = 'Default' }: SecurityContext = {}) => procMount !== 'Default';
  const bad = containersWhose(pod, isBad);
  if (bad.length === 0) return undefined;
  const types = distinct(
    containersOf(pod).flatMap(({ securityContext }) =>
      isBad(securityContext) ? [securityContext?.procMount ?? ''] : [],
    ),
  );
  const detail = `${named('container', bad)} must not set securityContext.procMount to ${quoted(types)}`;
  return { reason: 'procMount', detail };
}

/** What runtimes give a container that asks for nothing, without NET_RAW. */
const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const detail = addedCapabilities(pod, DEFAULT_CAPABILITIES);
        return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
      },
    },
  ],
};

export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check: requireFewCapabilities, overrides: [capabilitiesBaseline.id] },
    { since: 25, check: unlessOnWindows(requireFewCapabilities), overrides: [capabilitiesBaseline.id] },
  ],
};

const BINDING: ReadonlySet<string> = new Set(['NET_BIND_SERVICE']);

function requireFewCapabilities(pod: PodParts) {
  const keeping = containersThat(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const parts = [
    ...(keeping.length > 0
      ? [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    addedCapabilities(pod, BINDING),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: parts.join('; ') };
}

function addedCapabilities(pod: PodParts, allowed: ReadonlySet<string>): string | undefined {
  const addedBy = (context: SecurityContext | undefined) =>
    (context?.capabilities?.add ?? []).filter((capability) => !allowed.has(capability));
  const bad = containersWhose(pod, (context) => addedBy(context).length > 0);
  if (bad.length === 0) return undefined;
  const added = distinct(containersOf(pod).flatMap(({ securityContext }) => addedBy(securityContext)));
  return `${named('container', bad)} must not include ${quoted(added)} in securityContext.capabilities.add`;
}

// What a check of the Pod Security Standards is, and the words in which checks say what they found: clients and people read
// them, so they are upstream's (k8s.io/pod-security-admission/policy).

import type { Container, EphemeralContainer } from '../../../api/core/container.ts';
import type { PodSpec } from '../../../api/core/pod-spec.ts';
import type { SecurityContext } from '../../../api/core/security-context.ts';

/** A pod, or the template of one. */
export interface PodParts {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

export interface Violation {
  /** `host namespaces`: said of pods that are there already. */
  readonly reason: string;
  /** `hostNetwork, hostPID`: said besides of what is being written. */
  readonly detail: string;
}

export type CheckPod = (pod: PodParts) => Violation | undefined;

export interface CheckVersion {
  /** The minor version of Kubernetes (1.N) whose standards have it first. */
  readonly since: number;
  readonly check: CheckPod;
  /** Checks of the baseline that this one says more strictly. */
  readonly overrides?: readonly string[];
}

export interface Check {
  /** Upstream's name; violations are told in the order of these. */
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** Each holds until the next one, the oldest first. */
  readonly versions: readonly CheckVersion[];
}

type AnyContainer = Container | EphemeralContainer;

export function containersOf({ spec }: PodParts): readonly AnyContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** Names of the containers of which it is true. */
export function containersThat(pod: PodParts, isBad: (container: AnyContainer) => boolean): readonly string[] {
  return containersOf(pod)
    .filter(isBad)
    .map(({ name }) => name);
}

/** Names of those whose security context says it. */
export function containersWhose(pod: PodParts, isBad: (context: SecurityContext) => boolean): readonly string[] {
  return containersThat(pod, ({ securityContext }) => securityContext !== undefined && isBad(securityContext));
}

/** A user namespace of its own: its root is nobody on the node. Upstream: KEP-127. */
export function isInUserNamespace({ spec }: PodParts): boolean {
  return spec.hostUsers === false;
}

/** `container "a"`, `containers "a", "b"`. */
export function named(kind: string, names: readonly string[]): string {
  return `${counted(kind, names)} ${quoted(names)}`;
}

/** `pod and container "a"`: whoever sets what they may not; empty if nobody does. */
export function setters(podDoes: boolean, containers: readonly string[]): string {
  return [...(podDoes ? ['pod'] : []), ...(containers.length > 0 ? [named('container', containers)] : [])].join(
    ' and ',
  );
}

export function counted(word: string, { length }: { readonly length: number }, plural = `${word}s`): string {
  return length === 1 ? word : plural;
}

export function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(', ');
}

/** Each once, in the order of letters. */
export function distinct(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

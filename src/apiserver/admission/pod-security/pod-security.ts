// PodSecurity: the Pod Security Standards, for namespaces whose labels ask for them. Pods that violate what is enforced are
// refused; what makes pods is only warned of, as are those who change the labels, of pods that are there. Upstream:
// k8s.io/pod-security-admission/admission, KEP-2579.

import { DaemonSet } from '../../../api/apps/daemon-set.ts';
import { Deployment } from '../../../api/apps/deployment.ts';
import { ReplicaSet } from '../../../api/apps/replica-set.ts';
import { StatefulSet } from '../../../api/apps/stateful-set.ts';
import { CronJob } from '../../../api/batch/cron-job.ts';
import { Job } from '../../../api/batch/job.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import { SECCOMP_POD_ANNOTATION, SECCOMP_PREFIX } from '../../../api/core/pod-annotations-validation.ts';
import { PodTemplate } from '../../../api/core/pod-template.ts';
import { ReplicationController } from '../../../api/core/replication-controller.ts';
import { deepEqual } from '../../../api/deep-equal.ts';
import type { Kind } from '../../../api/kind.ts';
import { invalid, StatusError } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import type { ObjectReader } from '../../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { refusal } from '../refusal.ts';
import { containersOf, type PodParts, type Violation } from './check.ts';
import { warningsOfPods } from './existing-pods.ts';
import {
  formatStandard,
  isStricter,
  type SecurityPolicy,
  type Standard,
  sameStandard,
  securityPolicyOf,
} from './security-level.ts';
import { detailsOf, judgeOf } from './standards.ts';

export interface PodSecurityDeps {
  readonly objects: ObjectReader;
  readonly clock: Clock;
}

export function podSecurity(deps: PodSecurityDeps): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request) {
      const { kind, operation } = request;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      if (kind === Namespace) return validateNamespace(deps, request);
      if (kind === Pod) return validatePod(deps, request);
      const templateOf = TEMPLATES.get(kind);
      if (templateOf && request.subresource === '') warnOfTemplate(deps, request, templateOf(request.object));
    },
  };
}

interface Templated {
  readonly spec: { readonly template?: PodParts };
}

const inSpec = (object: unknown) => (object as Templated).spec.template;

/** Where kinds that make pods say how these look. */
const TEMPLATES: ReadonlyMap<Kind, (object: unknown) => PodParts | undefined> = new Map<
  Kind,
  (object: unknown) => PodParts | undefined
>([
  [PodTemplate, (object) => (object as PodTemplate).template],
  [CronJob, (object) => inSpec((object as CronJob).spec.jobTemplate)],
  ...[ReplicationController, ReplicaSet, Deployment, StatefulSet, DaemonSet, Job].map(
    (kind) => [kind, inSpec] as const,
  ),
]);

/** What does not change the spec of a pod. Whatever else there may be one day is looked into. */
const OTHER_SUBRESOURCES: ReadonlySet<string> = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'status',
]);

function validatePod({ objects }: PodSecurityDeps, request: AdmissionRequest): void {
  if (OTHER_SUBRESOURCES.has(request.subresource)) return;
  const policy = policyFor(objects, request.namespace);
  if (!policy) {
    throw new StatusError('InternalError', `Internal error occurred: failed to lookup namespace ${request.namespace}`);
  }
  if (allowsAnything(policy.enforce) && allowsAnything(policy.warn)) return;
  const pod = request.object as unknown as Pod;
  if (request.operation === 'UPDATE' && !isSignificant(pod, request.oldObject as unknown as Pod)) return;
  const violations = judgeOf(policy.enforce)(pod);
  if (violations.length > 0) throw refusal(request, `violates ${told(policy.enforce, violations)}`);
  warn(request, policy, pod);
}

/** Pods are refused when they come; what makes them is let be, since something may yet change them on their way. */
function warnOfTemplate({ objects }: PodSecurityDeps, request: AdmissionRequest, template: PodParts | undefined): void {
  const policy = policyFor(objects, request.namespace);
  if (policy && template) warn(request, policy, template);
}

function warn(request: AdmissionRequest, { warn: standard }: SecurityPolicy, pod: PodParts): void {
  const violations = judgeOf(standard)(pod);
  if (violations.length > 0) request.warn(`would violate ${told(standard, violations)}`);
}

function told(standard: Standard, violations: readonly Violation[]): string {
  return `PodSecurity ${JSON.stringify(formatStandard(standard))}: ${detailsOf(violations)}`;
}

function policyFor(objects: ObjectReader, name: string): SecurityPolicy | undefined {
  const namespace = objects.get(Namespace, { name });
  return namespace && securityPolicyOf(namespace.metadata.labels).policy;
}

function allowsAnything({ level }: Standard): boolean {
  return level === 'privileged';
}

/** Of what the standards look at, only images, annotations and containers for debugging change in a pod. */
function isSignificant(pod: Pod, before: Pod): boolean {
  const differs = (key: string) => pod.metadata.annotations?.[key] !== before.metadata.annotations?.[key];
  if (differs(SECCOMP_POD_ANNOTATION)) return true;
  const known = new Map(containersOf(before).map((container) => [container.name, container]));
  return containersOf(pod).some(
    ({ name, image }) => known.get(name)?.image !== image || !known.has(name) || differs(`${SECCOMP_PREFIX}${name}`),
  );
}

async function validateNamespace(deps: PodSecurityDeps, request: AdmissionRequest): Promise<void> {
  if (request.subresource !== '') return;
  const { metadata } = request.object as unknown as Namespace;
  const { policy, errors } = securityPolicyOf(metadata.labels);
  const before = request.oldObject && securityPolicyOf(request.oldObject.metadata.labels);
  if (errors.length > 0 && !(before && deepEqual(errors, before.errors))) {
    throw invalid(request.kind, request.name, errors);
  }
  if (!before || !asksForMore(policy.enforce, before.policy.enforce)) return;
  const pods = deps.objects.list(Pod, metadata.name);
  const warnings = await warningsOfPods(deps, pods, { namespace: metadata.name, standard: policy.enforce });
  for (const text of warnings) request.warn(text);
}

function asksForMore(standard: Standard, before: Standard): boolean {
  if (sameStandard(standard, before) || allowsAnything(standard)) return false;
  return standard.version !== before.version || isStricter(standard.level, before.level);
}

// The rules of containers: those of each, and those of the three lists that a pod has. Upstream: validateContainers,
// validateInitContainers and validateEphemeralContainers in pkg/apis/core/validation.

import { checkFaults, checkLabel, checkOneOf, checkPort } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { portName } from '../names.ts';
import type { Container, ContainerPort, ContainerRestartRule, EphemeralContainer } from './container.ts';
import { checkEnv, checkEnvFrom } from './container-env-validation.ts';
import { RESTART_ALL } from './container-restart.ts';
import type { PodSpec } from './pod-spec.ts';
import { checkProbesAndHooks } from './probe-validation.ts';
import { checkContainerResources } from './resource-validation.ts';
import { checkSecurityContext } from './security-context-validation.ts';
import { isSidecar } from './sidecar.ts';
import type { VolumeSource } from './volume.ts';
import { checkVolumeUse } from './volume-mount-validation.ts';

/** What of the pod the rules of its containers depend on. */
export interface ContainerContext {
  readonly volumes: ReadonlyMap<string, VolumeSource>;
  readonly claimNames: ReadonlySet<string>;
  readonly gracePeriodSeconds: number | undefined;
  readonly restartPolicy: PodSpec['restartPolicy'];
  readonly hostUsers: boolean;
}

export function checkContainers(
  containers: readonly Container[],
  context: ContainerContext,
  at: Path,
  errors: FieldError[],
): void {
  if (containers.length === 0) errors.push(fieldError.required(at));
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const path = at.index(index);
    checkContainer(container, context, path, errors);
    if (names.has(container.name)) errors.push(fieldError.duplicate(path.child('name'), container.name));
    names.add(container.name);
    checkProbesAndHooks(container, context.gracePeriodSeconds, path, errors);
    checkRestartPolicy(container, path, errors);
  }
  checkHostPorts(containers, at, errors);
}

export function checkInitContainers(
  initContainers: readonly Container[],
  containers: readonly Container[],
  context: ContainerContext,
  at: Path,
  errors: FieldError[],
): void {
  const names = new Set(containers.map(({ name }) => name));
  for (const [index, container] of initContainers.entries()) {
    const path = at.index(index);
    checkContainer(container, context, path, errors);
    if (container.restartPolicyRules?.length && container.restartPolicy === undefined) {
      errors.push(fieldError.required(path.child('restartPolicy'), NO_RESTART_POLICY));
    } else checkRestartPolicy(container, path, errors);
    if (names.has(container.name)) errors.push(fieldError.duplicate(path.child('name'), container.name));
    else if (container.name !== '') names.add(container.name);
    // They run one after the other, so that only ports of the same one can be in each other's way.
    checkHostPorts([container], at, errors);
    if (isSidecar(container)) checkProbesAndHooks(container, context.gracePeriodSeconds, path, errors);
    else {
      for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        if (!container[field]) continue;
        const why = 'may not be set for init containers without restartPolicy=Always';
        errors.push(fieldError.forbidden(path.child(field), why));
      }
    }
  }
}

/** Looking into a pod must not become a part of what it does. */
const NOT_EPHEMERAL = [
  'ports',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const satisfies readonly (keyof EphemeralContainer)[];

export function checkEphemeralContainers(
  ephemeral: readonly EphemeralContainer[],
  others: readonly Container[],
  context: ContainerContext,
  at: Path,
  errors: FieldError[],
): void {
  const targets = new Set(others.map(({ name }) => name));
  const names = new Set(targets);
  const why = 'cannot be set for an Ephemeral Container';
  for (const [index, container] of ephemeral.entries()) {
    const path = at.index(index);
    checkContainer(container, context, path, errors);
    checkImagePadding(container, path, errors);
    if (names.has(container.name)) errors.push(fieldError.duplicate(path.child('name'), container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !targets.has(target)) errors.push(fieldError.notFound(path.child('targetContainerName'), target));
    for (const field of NOT_EPHEMERAL) {
      if (container[field] !== undefined) errors.push(fieldError.forbidden(path.child(field), why));
    }
    if (Object.keys(container.resources).length > 0) errors.push(fieldError.forbidden(path.child('resources'), why));
    for (const [mountIndex, mount] of (container.volumeMounts ?? []).entries()) {
      const mountAt = path.child('volumeMounts').index(mountIndex);
      if (mount.subPath) errors.push(fieldError.forbidden(mountAt.child('subPath'), why));
      if (mount.subPathExpr) errors.push(fieldError.forbidden(mountAt.child('subPathExpr'), why));
    }
  }
}

/** Templates of old have such images: only pods are refused. */
export function checkImagePadding({ image = '' }: Pick<Container, 'image'>, at: Path, errors: FieldError[]): void {
  if (image.trim() === image) return;
  errors.push(fieldError.invalid(at.child('image'), image, 'must not have leading or trailing whitespace'));
}

function checkContainer(container: Container, context: ContainerContext, at: Path, errors: FieldError[]): void {
  if (container.name === '') errors.push(fieldError.required(at.child('name')));
  else checkLabel(container.name, at.child('name'), errors);
  if (!container.image) errors.push(fieldError.required(at.child('image')));
  const policy = container.terminationMessagePolicy ?? '';
  checkOneOf(policy, ['File', 'FallbackToLogsOnError'], at.child('terminationMessagePolicy'), errors);
  checkPorts(container.ports ?? [], at.child('ports'), errors);
  checkEnv(container.env ?? [], at.child('env'), errors);
  checkEnvFrom(container.envFrom ?? [], at.child('envFrom'), errors);
  checkVolumeUse(container, context.volumes, at, errors);
  checkContainerResources(container.resources, context.claimNames, at.child('resources'), errors);
  checkResizePolicy(container, context.restartPolicy, at.child('resizePolicy'), errors);
  if (container.securityContext) {
    checkSecurityContext(container.securityContext, context, at.child('securityContext'), errors);
  }
}

function checkPorts(ports: readonly ContainerPort[], at: Path, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, { name, containerPort, hostPort }] of ports.entries()) {
    const path = at.index(index);
    if (name) {
      const faults = portName(name);
      checkFaults(faults, name, path.child('name'), errors);
      if (faults.length === 0 && names.has(name)) errors.push(fieldError.duplicate(path.child('name'), name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(fieldError.required(path.child('containerPort')));
    else checkPort(containerPort, path.child('containerPort'), errors);
    if (hostPort) checkPort(hostPort, path.child('hostPort'), errors);
  }
}

function checkHostPorts(containers: readonly Container[], at: Path, errors: FieldError[]): void {
  const used = new Set<string>();
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [portIndex, { protocol, hostIP = '', hostPort }] of ports.entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      const path = at.index(index).child('ports').index(portIndex).child('hostPort');
      if (used.has(key)) errors.push(fieldError.duplicate(path, key));
      used.add(key);
    }
  }
}

const RESIZABLE = ['cpu', 'memory'];
const RESIZE_RESTARTS = ['NotRequired', 'RestartContainer'];

function checkResizePolicy(
  { resizePolicy = [] }: Container,
  restartPolicy: PodSpec['restartPolicy'],
  at: Path,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  for (const [index, policy] of resizePolicy.entries()) {
    const { resourceName, restartPolicy: restart } = policy;
    if (seen.has(resourceName)) errors.push(fieldError.duplicate(at.index(index), resourceName));
    seen.add(resourceName);
    if (resourceName === '' || restart === '') errors.push(fieldError.required(at));
    if (resourceName !== '') checkOneOf(resourceName, RESIZABLE, at, errors);
    if (restart !== '') checkOneOf(restart, RESIZE_RESTARTS, at, errors);
    if (restartPolicy === 'Never' && restart !== 'NotRequired') {
      const why = "must be 'NotRequired' when `restartPolicy` is 'Never'";
      errors.push(fieldError.invalid(at, restart, why));
    }
  }
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const RESTART_ACTIONS: readonly string[] = ['Restart', RESTART_ALL];
const NO_RESTART_POLICY = 'must specify restartPolicy when restart rules are used';
const MAX_RESTART_RULES = 20;
const MAX_EXIT_CODES = 255;

/** A container's own restart policy and its exceptions. Upstream: KEP-5307. */
function checkRestartPolicy({ restartPolicy, restartPolicyRules = [] }: Container, at: Path, errors: FieldError[]) {
  if (restartPolicy !== undefined) checkOneOf(restartPolicy, RESTART_POLICIES, at.child('restartPolicy'), errors);
  if (restartPolicyRules.length === 0) return;
  const rulesAt = at.child('restartPolicyRules');
  if (restartPolicy === undefined) errors.push(fieldError.required(at.child('restartPolicy'), NO_RESTART_POLICY));
  // Upstream speaks of bytes here, as of texts that are too long.
  if (restartPolicyRules.length > MAX_RESTART_RULES) errors.push(fieldError.tooLong(rulesAt, MAX_RESTART_RULES));
  for (const [index, rule] of restartPolicyRules.entries()) checkRestartRule(rule, rulesAt.index(index), errors);
}

function checkRestartRule({ action = '', exitCodes }: ContainerRestartRule, at: Path, errors: FieldError[]): void {
  // The newer action is taken, but not told of.
  if (!RESTART_ACTIONS.includes(action)) errors.push(fieldError.notSupported(at.child('action'), action, ['Restart']));
  if (!exitCodes) return void errors.push(fieldError.required(at.child('exitCodes'), 'must be specified'));
  const { operator = '', values = [] } = exitCodes;
  checkOneOf(operator, ['In', 'NotIn'], at.child('exitCodes', 'operator'), errors);
  if (values.length > MAX_EXIT_CODES) errors.push(fieldError.tooLong(at.child('exitCodes', 'values'), MAX_EXIT_CODES));
}

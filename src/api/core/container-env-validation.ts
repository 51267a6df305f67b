// The rules of environment variables and of references to fields and resources of a pod. Upstream: ValidateEnv,
// ValidateEnvFrom, validateObjectFieldSelector and validateContainerResourceFieldSelector in pkg/apis/core/validation.

import { checkFaults, checkLabel, checkNoBacksteps, checkQualifiedName, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { configMapKey, nameFaults, relaxedEnvVarName } from '../names.ts';
import { quantitySign } from '../quantity.ts';
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from './container-env.ts';
import { containersWithPaths } from './container-paths.ts';
import type { PodSpec } from './pod-spec.ts';

/** A file that variables are taken from is in a volume that the pod itself has written. Upstream: KEP-3721. */
export function checkFileKeyVolumes(spec: PodSpec, at: Path, errors: FieldError[]): void {
  const volumes = new Map(spec.volumes?.map((volume) => [volume.name, volume]));
  for (const { container, path } of containersWithPaths(spec, at)) {
    for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) continue;
      const nameAt = path.child('env').index(index).child('valueFrom', 'fileKeyRef', 'volumeName');
      const volume = volumes.get(name);
      if (!volume) errors.push(fieldError.notFound(nameAt, name));
      else if (!volume.emptyDir) {
        errors.push(fieldError.invalid(nameAt, name, 'referenced volume must be of type emptyDir'));
      }
    }
  }
}

export function checkEnv(variables: readonly EnvVar[], at: Path, errors: FieldError[]): void {
  for (const [index, variable] of variables.entries()) {
    const path = at.index(index);
    if (variable.name === '') errors.push(fieldError.required(path.child('name')));
    else checkFaults(relaxedEnvVarName(variable.name), variable.name, path.child('name'), errors);
    checkValueFrom(variable, path.child('valueFrom'), errors);
  }
}

export function checkEnvFrom(sources: readonly EnvFromSource[], at: Path, errors: FieldError[]): void {
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const path = at.index(index);
    if (prefix) checkFaults(relaxedEnvVarName(prefix), prefix, path.child('prefix'), errors);
    for (const [name, reference] of Object.entries({ configMapRef, secretRef })) {
      if (!reference) continue;
      // Upstream takes the name for the beginning of one, which may end in a dash.
      const faults = nameFaults('dns1123Subdomain', reference.name ?? '', true);
      if (reference.name) checkFaults(faults, reference.name, path.child(name, 'name'), errors);
      else errors.push(fieldError.required(path.child(name, 'name')));
    }
    if (configMapRef && secretRef) {
      errors.push(fieldError.invalid(at, '', 'may not have more than one field specified at a time'));
    } else if (!configMapRef && !secretRef) {
      errors.push(fieldError.invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    }
  }
}

/** Fields that a variable can be taken from. */
const ENV_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function checkValueFrom({ value, valueFrom }: EnvVar, at: Path, errors: FieldError[]): void {
  if (!valueFrom) return;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  if (fieldRef) checkFieldSelector(fieldRef, ENV_FIELDS, at.child('fieldRef'), errors);
  if (resourceFieldRef) checkResourceSelector(resourceFieldRef, at.child('resourceFieldRef'), errors);
  if (configMapKeyRef) checkKeySelector(configMapKeyRef, at.child('configMapKeyRef'), errors);
  if (secretKeyRef) checkKeySelector(secretKeyRef, at.child('secretKeyRef'), errors);
  if (fileKeyRef) checkFileKey(fileKeyRef, at.child('fileKeyRef'), errors);
  const sources = Object.values(valueFrom).filter((source) => source !== undefined).length;
  if (sources === 0) errors.push(fieldError.invalid(at, '', NO_SOURCE));
  else if (value) errors.push(fieldError.invalid(at, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) {
    errors.push(fieldError.invalid(at, '', 'may not have more than one field specified at a time'));
  }
}

const NO_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';

function checkKeySelector({ name, key }: Pick<ConfigMapKeySelector, 'name' | 'key'>, at: Path, errors: FieldError[]) {
  checkSubdomain(name ?? '', at.child('name'), errors);
  if (key === '') errors.push(fieldError.required(at.child('key')));
  else checkFaults(configMapKey(key), key, at.child('key'), errors);
}

function checkFileKey({ volumeName, path, key }: FileKeySelector, at: Path, errors: FieldError[]): void {
  if (volumeName === '') errors.push(fieldError.required(at.child('volumeName')));
  else checkLabel(volumeName, at.child('volumeName'), errors);
  if (path === '') errors.push(fieldError.required(at.child('path')));
  else checkNoBacksteps(path, at.child('path'), errors);
  if (key === '') errors.push(fieldError.required(at.child('key')));
  else checkFaults(relaxedEnvVarName(key), key, at.child('key'), errors);
}

/** Fields that there are; which of them can be used depends on where. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  'metadata.labels',
  'metadata.annotations',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

/** `allowed` are the fields that can be used here, besides single labels and annotations, which can be used anywhere. */
export function checkFieldSelector(
  { apiVersion = '', fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  at: Path,
  errors: FieldError[],
): void {
  if (apiVersion === '') return void errors.push(fieldError.required(at.child('apiVersion')));
  if (fieldPath === '') return void errors.push(fieldError.required(at.child('fieldPath')));
  const [, list, subscript] = /^(.+?)\['(.*)'\]$/.exec(fieldPath) ?? [];
  const fault = conversionFault(apiVersion, list ?? fieldPath, fieldPath, subscript !== undefined);
  if (fault) {
    errors.push(fieldError.invalid(at.child('fieldPath'), fieldPath, `error converting fieldPath: ${fault}`));
  } else if (subscript !== undefined) {
    checkQualifiedName(list === 'metadata.annotations' ? subscript.toLowerCase() : subscript, at, errors);
  } else if (!allowed.includes(fieldPath)) {
    errors.push(fieldError.notSupported(at.child('fieldPath'), fieldPath, [...allowed].sort()));
  }
}

function conversionFault(apiVersion: string, field: string, whole: string, hasSubscript: boolean): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (hasSubscript) {
    const isMap = field === 'metadata.labels' || field === 'metadata.annotations';
    return isMap ? undefined : `field label does not support subscript: ${whole}`;
  }
  return KNOWN_FIELDS.has(field) ? undefined : `field label not supported: ${whole}`;
}

const RESOURCES = ['cpu', 'ephemeral-storage', 'memory'];
const RESOURCE_FIELDS: readonly string[] = ['limits', 'requests'].flatMap((list) =>
  RESOURCES.map((name) => `${list}.${name}`),
);
const HUGE_PAGES = /^(?:limits|requests)\.hugepages-/;
const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** `needsContainer`: there is no container that the selector belongs to, so it has to name one. */
export function checkResourceSelector(
  { containerName, resource, divisor }: ResourceFieldSelector,
  at: Path,
  errors: FieldError[],
  options: { readonly needsContainer?: boolean } = {},
): void {
  if (options.needsContainer && !containerName) errors.push(fieldError.required(at.child('containerName')));
  else if (resource === '') errors.push(fieldError.required(at.child('resource')));
  else if (!RESOURCE_FIELDS.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(fieldError.notSupported(at.child('resource'), resource, RESOURCE_FIELDS));
  }
  if (quantitySign(divisor) === 0) return;
  const { sizes, shown, what } = divisorsOf(resource);
  if (sizes.includes(divisor)) return;
  const why = `only divisor's values ${shown} are supported with the ${what} resource`;
  errors.push(fieldError.invalid(at.child('divisor'), resource, why));
}

function divisorsOf(resource: string): { sizes: readonly string[]; shown: string; what: string } {
  const shown = SIZES.join(', ');
  if (HUGE_PAGES.test(resource)) return { sizes: SIZES, shown, what: 'hugepages' };
  switch (resource.slice(resource.indexOf('.') + 1)) {
    case 'cpu':
      return { sizes: ['1m', '1'], shown: '1m and 1', what: 'cpu' };
    case 'ephemeral-storage':
      return { sizes: SIZES, shown, what: 'local ephemeral storage' };
    default:
      return { sizes: SIZES, shown, what: 'memory' };
  }
}

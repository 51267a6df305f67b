// The environment of a container: service variables, envFrom, env with `$(VAR)` expansion, and the same expansion for
// command and arguments. Upstream: makeEnvironmentVariables in pkg/kubelet/kubelet_pods.go, third_party/forked/golang/expansion.

import type { ConfigMap } from '../api/core/config-map.ts';
import type { Container } from '../api/core/container.ts';
import type { EnvVar, FileKeySelector } from '../api/core/container-env.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Secret } from '../api/core/secret.ts';
import type { Service } from '../api/core/service.ts';
import { envFileValue } from './env-file.ts';
import { type PodFieldContext, podField, resourceField } from './pod-fields.ts';

export interface EnvironmentSources {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** Of the pod's namespace and, for `kubernetes`, of the default namespace. */
  services(namespace: string): readonly Service[];
  /** The text of a file in a volume of the pod. */
  volumeFile(pod: Pod, volume: string, path: string): Promise<string>;
  readonly fields: PodFieldContext;
}

/** The container cannot be made as specified: its status says CreateContainerConfigError. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** All variables, in the order in which they were first set; later ones win. Throws EnvironmentError. */
export async function containerEnvironment(
  sources: EnvironmentSources,
  pod: Pod,
  container: Container,
): Promise<ReadonlyMap<string, string>> {
  const serviceVariables = serviceEnvironment(pod, sources.services(pod.metadata.namespace));
  const result = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? await configMapData(sources, pod, configMapRef.name ?? '', configMapRef.optional === true)
      : await secretData(sources, pod, secretRef?.name ?? '', secretRef?.optional === true);
    for (const [key, value] of Object.entries(data ?? {})) result.set(prefix + key, value);
  }
  // Only what has been set so far can be referred to, service variables included.
  const known = new Map([...serviceVariables, ...result]);
  for (const variable of container.env ?? []) {
    const value = await variableValue(sources, pod, container, variable, known);
    if (value === undefined) continue;
    known.set(variable.name, value);
    result.set(variable.name, value);
  }
  for (const [name, value] of serviceVariables) if (!result.has(name)) result.set(name, value);
  return result;
}

async function variableValue(
  sources: EnvironmentSources,
  pod: Pod,
  container: Container,
  variable: EnvVar,
  known: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (!from) return expand(variable.value ?? '', known);
  if (from.fieldRef) return podField(pod, from.fieldRef.fieldPath, sources.fields);
  if (from.resourceFieldRef) return resourceField(pod, from.resourceFieldRef, container.name, sources.fields);
  if (from.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef;
    const data = await configMapData(sources, pod, name, optional === true);
    return keyOf(
      data,
      key,
      optional === true,
      `couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}`,
    );
  }
  if (from.secretKeyRef) {
    const { name = '', key, optional } = from.secretKeyRef;
    const data = await secretData(sources, pod, name, optional === true);
    return keyOf(data, key, optional === true, `couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}`);
  }
  if (from.fileKeyRef) {
    const { volumeName, path, key, optional } = from.fileKeyRef;
    const value = await fileValue(sources, pod, from.fileKeyRef);
    if (value || optional) return value || undefined;
    throw new EnvironmentError(`environment variable key "${key}" not found in file "${volumeName}/${path}"`);
  }
  throw new EnvironmentError(`the source of variable ${variable.name} is of a kind that this node cannot serve`);
}

/** What is in the file is the pod's matter and may be secret: upstream tells no more of it either. */
async function fileValue(
  sources: EnvironmentSources,
  pod: Pod,
  { volumeName, path, key }: FileKeySelector,
): Promise<string | undefined> {
  try {
    return envFileValue(await sources.volumeFile(pod, volumeName, path), key);
  } catch (cause) {
    throw new EnvironmentError("couldn't parse env file", { cause });
  }
}

function keyOf(
  data: Readonly<Record<string, string>> | undefined,
  key: string,
  optional: boolean,
  message: string,
): string | undefined {
  const value = data?.[key];
  if (value === undefined && !optional) throw new EnvironmentError(message);
  return value;
}

async function configMapData(
  sources: EnvironmentSources,
  pod: Pod,
  name: string,
  optional: boolean,
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await sources.configMap(pod.metadata.namespace, name);
  if (!found && !optional) throw new EnvironmentError(`configmap "${name}" not found`);
  return found?.data;
}

async function secretData(
  sources: EnvironmentSources,
  pod: Pod,
  name: string,
  optional: boolean,
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await sources.secret(pod.metadata.namespace, name);
  if (!found && !optional) throw new EnvironmentError(`secret "${name}" not found`);
  const entries = Object.entries(found?.data ?? {});
  return (
    found &&
    Object.fromEntries(entries.map(([key, base64]) => [key, Buffer.from(base64 ?? '', 'base64').toString('utf8')]))
  );
}

/**
 * `$(NAME)` becomes the variable's value, `$$` a single `$` (so `$$(NAME)` stays `$(NAME)`), and what names no variable
 * stays as it is.
 */
export function expand(text: string, variables: Pick<ReadonlyMap<string, string>, 'get'>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return variables.get(name) ?? whole;
  });
}

/** The variables that tell of services, as Docker links did. The API's own service is told to all namespaces. */
export function serviceEnvironment(pod: Pod, services: readonly Service[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) {
    const { name, namespace } = service.metadata;
    const isApi = namespace === 'default' && name === 'kubernetes';
    if (!isApi && (pod.spec.enableServiceLinks === false || namespace !== pod.metadata.namespace)) continue;
    const ip = service.spec.clusterIP;
    const ports = service.spec.ports ?? [];
    const [first] = ports;
    if (!ip || ip === 'None' || !first) continue;
    const prefix = name.toUpperCase().replaceAll('-', '_');
    variables.set(`${prefix}_SERVICE_HOST`, ip);
    variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
    for (const port of ports) {
      if (port.name)
        variables.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
    }
    variables.set(`${prefix}_PORT`, `${(first.protocol ?? 'TCP').toLowerCase()}://${hostOf(ip)}:${first.port}`);
    for (const { protocol = 'TCP', port } of ports) {
      const link = `${prefix}_PORT_${port}_${protocol}`;
      variables.set(link, `${protocol.toLowerCase()}://${hostOf(ip)}:${port}`);
      variables.set(`${link}_PROTO`, protocol.toLowerCase());
      variables.set(`${link}_PORT`, String(port));
      variables.set(`${link}_ADDR`, ip);
    }
  }
  return variables;
}

function hostOf(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

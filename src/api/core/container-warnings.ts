// What is said of a pod's containers: fractions of bytes, variables that hide others, ports that are in each other's way.
// Upstream: pkg/api/pod/warnings.go.

import type { Path } from '../field-error.ts';
import type { ContainerPort } from './container.ts';
import type { EnvVar } from './container-env.ts';
import { containersWithPaths } from './container-paths.ts';
import type { PodSpec } from './pod-spec.ts';
import { fractionWarnings } from './resource-warnings.ts';

/** Each port is compared with all before it: beyond so many ports of a pod nobody is told more. */
const MAX_PORTS = 256;

/** Resources that are counted in bytes. */
export const BYTE_RESOURCES: readonly string[] = ['memory', 'ephemeral-storage'];

export function containerWarnings(spec: PodSpec, at: Path): readonly string[] {
  const containers = containersWithPaths(spec, at);
  const ofEach = containers.flatMap(({ container: { resources, env = [] }, path }) => [
    ...fractionWarnings(resources.limits, BYTE_RESOURCES, path.child('resources', 'limits')),
    ...fractionWarnings(resources.requests, BYTE_RESOURCES, path.child('resources', 'requests')),
    ...envWarnings(env, path.child('env')),
  ]);
  const ports = containers.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, index) => ({ port, path: path.child('ports').index(index) })),
  );
  return [...ofEach, ...portWarnings(ports.slice(0, MAX_PORTS)), ...portNameWarnings(ports)];
}

/** A variable can be made of the one of the same name before it; otherwise that one is lost. */
function envWarnings(variables: readonly EnvVar[], at: Path): readonly string[] {
  const names = new Set<string>();
  return variables.flatMap(({ name, value = '', valueFrom }, index) => {
    const isRepeated = names.has(name);
    names.add(name);
    const reference = `$(${name})`;
    if (!isRepeated || (!valueFrom && value !== reference && value.includes(reference))) return [];
    return [
      `${at.index(index)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ];
  });
}

interface PortWithPath {
  readonly port: ContainerPort;
  readonly path: Path;
}

function portWarnings(ports: readonly PortWithPath[]): readonly string[] {
  return ports.flatMap(({ port, path }, index) => {
    const loose = port.hostIP && !port.hostPort ? [`${path}: hostIP set without hostPort: ${show(port)}`] : [];
    const clashes = ports.slice(0, index).flatMap((other) => {
      const relation = relationOf(port, other.port);
      return relation ? [`${path}: ${relation} port definition with ${other.path}`] : [];
    });
    return [...loose, ...clashes];
  });
}

/** How two ports are the same port of a pod, if they are. */
function relationOf(port: ContainerPort, other: ContainerPort): string | undefined {
  if (port.containerPort !== other.containerPort || port.protocol !== other.protocol) return undefined;
  const { hostIP = '', hostPort = 0 } = port;
  const { hostIP: otherIP = '', hostPort: otherPort = 0 } = other;
  if (hostIP === otherIP && hostPort === otherPort) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  // On all addresses of the host and on one of them: which of the two is reached there is anybody's guess.
  return hostPort === otherPort && (hostIP === '') !== (otherIP === '') ? 'dangerously ambiguous' : undefined;
}

function portNameWarnings(ports: readonly PortWithPath[]): readonly string[] {
  const first = new Map<string, Path>();
  return ports.flatMap(({ port: { name = '' }, path }) => {
    const other = first.get(name);
    if (name !== '' && !other) first.set(name, path);
    if (!other) return [];
    const use = `services and probes that select ports by name will use ${other}`;
    return [`${path}: duplicate port name ${JSON.stringify(name)} with ${other}, ${use}`];
  });
}

/** As Go prints the struct, which is what upstream shows of it. */
function show({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}

// The downward API: what a container may learn of its own pod and resources, as text. Upstream: pkg/fieldpath and
// pkg/api/v1/resource.

import type { ResourceFieldSelector } from '../api/core/container-env.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import { quantityMilliValue, quantityValue } from '../api/quantity.ts';

export interface PodFieldContext {
  /** The pod's newest status: its address may be known here before the API has it. */
  status(pod: Pod): PodStatus;
  hostIp(): string;
  /** What the node has to give, as quantities: a container without a limit is told that. */
  allocatable(): Readonly<Record<string, string>>;
}

/** The path names no field that a pod may be told. */
export class UnknownFieldError extends Error {
  override readonly name = 'UnknownFieldError';
}

/** The text of `metadata.name`, `metadata.labels['app']`, `status.podIP` and so on. Throws UnknownFieldError. */
export function podField(pod: Pod, fieldPath: string, context: PodFieldContext): string {
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) {
    const [, map, key = ''] = subscript;
    return (map === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[key] ?? '';
  }
  switch (fieldPath) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace;
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return formatMap(pod.metadata.labels ?? {});
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations ?? {});
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return context.hostIp();
    case 'status.podIP':
      return context.status(pod).podIP ?? '';
    case 'status.podIPs':
      return (context.status(pod).podIPs ?? []).map(({ ip }) => ip).join(',');
    default:
      throw new UnknownFieldError(`unsupported fieldPath: ${fieldPath}`);
  }
}

/**
 * The text of `limits.cpu`, `requests.memory` and so on of a container, divided by the divisor and rounded up.
 * `containerName` is whose resources when the selector names none. Throws UnknownFieldError.
 */
export function resourceField(
  pod: Pod,
  selector: ResourceFieldSelector,
  containerName: string | undefined,
  context: PodFieldContext,
): string {
  const name = selector.containerName || containerName;
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((other) => other.name === name);
  if (!container) throw new UnknownFieldError(`container ${name ?? ''} not found`);
  const [kind, resource = ''] = splitOnce(selector.resource, '.');
  const divisor = selector.divisor === undefined || selector.divisor === '0' ? '1' : selector.divisor;
  if (kind === 'limits') {
    const limit = container.resources.limits?.[resource] ?? context.allocatable()[resource];
    return divide(resource, limit ?? '0', divisor);
  }
  if (kind === 'requests') return divide(resource, container.resources.requests?.[resource] ?? '0', divisor);
  throw new UnknownFieldError(`unsupported container resource : ${selector.resource}`);
}

/** Upstream rounds CPU on thousandths and everything else on units. */
function divide(resource: string, quantity: string, divisor: string): string {
  const value = resource === 'cpu' ? quantityMilliValue : quantityValue;
  return String(Math.ceil(value(quantity) / value(divisor)));
}

/** One `key="value"` a line, sorted. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

// What kinds of resources there are, told by their names. Upstream: pkg/apis/core/helper and
// k8s.io/component-helpers/resource.

import { qualifiedName } from '../names.ts';

const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Counted, so never a fraction. */
const OBJECT_COUNTS: ReadonlySet<string> = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const STANDARD_RESOURCES: ReadonlySet<string> = new Set([
  ...CONTAINER_RESOURCES,
  ...[...CONTAINER_RESOURCES].flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...OBJECT_COUNTS,
  'storage',
  'requests.storage',
]);
const CONTAINER_QUOTA_RESOURCES = [...CONTAINER_RESOURCES].flatMap((name) => [
  name,
  `requests.${name}`,
  `limits.${name}`,
]);
const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
  ...CONTAINER_QUOTA_RESOURCES,
  ...OBJECT_COUNTS,
  'requests.storage',
]);
/** What a pod can have as a whole, besides huge pages. */
export const POD_LEVEL_RESOURCES: readonly string[] = ['cpu', 'memory'];

const HUGE_PAGES = 'hugepages-';

export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES);
}

/** The size of a page, as the name says. */
export function hugePageSize(name: string): string {
  return name.slice(HUGE_PAGES.length);
}

/** Kubernetes' own: without a domain, or in one of its own. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** More may be promised than there is: limits may be above requests. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/** A resource of somebody else's domain, which nodes have whole pieces of. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

export function isIntegerResource(name: string): boolean {
  return OBJECT_COUNTS.has(name) || isExtendedResource(name);
}

export function isStandardContainerResource(name: string): boolean {
  return CONTAINER_RESOURCES.has(name) || isHugePages(name);
}

export function isStandardResource(name: string): boolean {
  return STANDARD_RESOURCES.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`);
}

export function isPodLevelResource(name: string): boolean {
  return POD_LEVEL_RESOURCES.includes(name) || isHugePages(name);
}

/** A resource of Kubernetes' own of which a namespace can have a quota. */
export function isQuotaResource(name: string): boolean {
  return QUOTA_RESOURCES.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`);
}

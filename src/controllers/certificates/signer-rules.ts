// What the cluster's own signers certify. Upstream: pkg/apis/certificates/helpers.go and pkg/controller/certificates/signer,
// with their texts, which end up in the requests' conditions.

import type { KeyUsage } from '../../api/certificates/certificate-signing-request.ts';
import type { RequestedNames } from '../../api/certificates/requested-names.ts';

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';

/** What is wrong with a request, if anything. */
type Rule = (names: RequestedNames, usages: readonly KeyUsage[]) => string | undefined;

/** By the signer's name. Signers of other names are not of the cluster. */
export const SIGNER_RULES: Readonly<Record<string, Rule>> = {
  'kubernetes.io/kube-apiserver-client': (_, usages) => clientUsageFault(usages),
  [KUBELET_CLIENT_SIGNER]: kubeletClientFault,
  [KUBELET_SERVING_SIGNER]: kubeletServingFault,
  'kubernetes.io/legacy-unknown': () => undefined,
};

const NODES_GROUP = 'system:nodes';
const NODE_PREFIX = 'system:node:';
const NOT_A_NODE = `subject common name does not begin with ${NODE_PREFIX}`;
const NOT_OF_NODES = `subject organization is not ${NODES_GROUP}`;

export function kubeletClientFault(names: RequestedNames, usages: readonly KeyUsage[]): string | undefined {
  if (!isOfNodes(names)) return NOT_OF_NODES;
  if (names.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.addresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!names.commonName.startsWith(NODE_PREFIX)) return NOT_A_NODE;
  return usageFault(usages, 'client auth');
}

export function kubeletServingFault(names: RequestedNames, usages: readonly KeyUsage[]): string | undefined {
  if (!isOfNodes(names)) return NOT_OF_NODES;
  if (names.dnsNames.length + names.addresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const fault = usageFault(usages, 'server auth');
  if (fault !== undefined) return fault;
  return names.commonName.startsWith(NODE_PREFIX) ? undefined : NOT_A_NODE;
}

function isOfNodes({ organizations }: RequestedNames): boolean {
  return organizations.length === 1 && organizations[0] === NODES_GROUP;
}

/** Only keys that can encipher need to say so. */
function usageFault(usages: readonly KeyUsage[], purpose: KeyUsage): string | undefined {
  const wanted = [purpose, 'digital signature', 'key encipherment'].sort();
  const isAllowed = usages.every((usage) => wanted.includes(usage));
  if (isAllowed && usages.includes('digital signature') && usages.includes(purpose)) return undefined;
  return `usages did not match [${wanted.join(' ')}]`;
}

function clientUsageFault(usages: readonly KeyUsage[]): string | undefined {
  const optional: readonly KeyUsage[] = ['digital signature', 'key encipherment'];
  const other = usages.find((usage) => usage !== 'client auth' && !optional.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

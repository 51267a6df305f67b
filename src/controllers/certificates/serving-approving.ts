// Approves requests for the serving certificates of node agents: for the node that asks, and for addresses that are nobody
// else's. Upstream leaves that to whoever runs the cluster; without it nodes that have joined show no certificate that the
// API server could trust.

import { parseCertificateRequest } from '../../api/certificates/certificate-request.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { type RequestedNames, requestedNames } from '../../api/certificates/requested-names.ts';
import { Node } from '../../api/core/node.ts';
import { Service } from '../../api/core/service.ts';
import { decodeBase64 } from '../../base/base64.ts';
import { pathOf } from '../../client/client.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { requestCondition } from './request-progress.ts';
import { KUBELET_SERVING_SIGNER, kubeletServingFault } from './signer-rules.ts';

const APPROVAL = {
  type: 'Approved',
  status: 'True',
  reason: 'AutoApproved',
  message: 'Auto approving kubelet serving certificate for names and addresses of the node itself.',
};

export function servingRequestApproving({ client, informers }: ControllerDeps): Controller {
  const requests = informers.informer(CertificateSigningRequest);
  const nodes = informers.informer(Node);
  const services = informers.informer(Service);
  return {
    name: 'kubelet-serving-approving-controller',
    concurrency: 1,
    reads: [requests, nodes, services],
    watch: (enqueue) => [
      requests.subscribe((changes) => {
        for (const { type, object } of changes) if (type !== 'deleted') enqueue(object.metadata.name);
      }),
    ],
    async reconcile(name, { signal }) {
      const request = requests.get(name);
      if (!request || !isUndecided(request)) return;
      const names = requestedNames(parseCertificateRequest(decodeBase64(request.spec.request)));
      if (kubeletServingFault(names, request.spec.usages ?? []) !== undefined) return;
      const known = { nodes: nodes.list(), services: services.list() };
      if (!isForItself(names, request.spec.username ?? '', known)) return; // Somebody has to decide.
      const conditions = [...(request.status.conditions ?? []), APPROVAL];
      const body = { ...request, status: { ...request.status, conditions } };
      await client.request('PUT', pathOf(CertificateSigningRequest, { name }, 'approval'), { body, signal });
    },
  };
}

function isUndecided(request: CertificateSigningRequest): boolean {
  const isDecided = requestCondition(request, 'Approved') ?? requestCondition(request, 'Denied');
  return request.spec.signerName === KUBELET_SERVING_SIGNER && !isDecided && !request.status.certificate;
}

/** Whether a certificate for these names lets the node pass for nobody but itself. Pure. */
export function isForItself(
  { commonName, dnsNames, addresses }: Pick<RequestedNames, 'commonName' | 'dnsNames' | 'addresses'>,
  username: string,
  { nodes, services }: { readonly nodes: readonly Node[]; readonly services: readonly Service[] },
): boolean {
  const nodeName = commonName.slice('system:node:'.length);
  if (username !== commonName || nodeName === '') return false;
  // The control plane is at the address of a node, and at that of its service.
  const others = nodes.filter(({ metadata }) => metadata.name !== nodeName);
  const taken = new Set([
    ...others.flatMap(({ status }) => (status.addresses ?? []).map(({ address }) => address)),
    ...services.flatMap(({ spec }) => spec.clusterIPs ?? []),
  ]);
  return dnsNames.every((name) => name === nodeName) && !addresses.some((each) => taken.has(each) || isLoopback(each));
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

// What a cluster in a test proves itself by. It is made in memory, and good for the time of the cluster as for that of the
// machine: clients that connect go by the one, the cluster by the other.

import { ADMINISTRATORS_GROUP, KUBELET_CLIENT_USER } from '../apiserver/authorization/bootstrap/cluster-additions.ts';
import type { Clock } from '../base/clock.ts';
import {
  type CertificateTerms,
  createAuthority,
  issueCertificate,
  type KeyPair,
  newKey,
} from '../cluster/certificate-authority.ts';
import type { ApiServerCertificates } from '../cluster/certificates.ts';

export interface ClusterAuthorities extends ApiServerCertificates {
  /** For a server on this machine. */
  issueServer(): KeyPair;
  /** For an administrator of the cluster. */
  issueAdmin(): KeyPair;
  /** What the API server shows to node agents, always the same. */
  kubeletClient(): KeyPair;
}

const YEAR_MS = 365 * 86_400_000;
const LIFETIME_MS = 10 * YEAR_MS;

export function createAuthorities(clocks: { readonly cluster: Clock; readonly machine: Clock }): ClusterAuthorities {
  const times = [clocks.cluster.now(), clocks.machine.now()];
  const nowMs = Math.min(...times);
  const terms: CertificateTerms = { nowMs, lifetimeMs: Math.max(...times) - nowMs + LIFETIME_MS };
  const ca = createAuthority('kubernetes', terms);
  const issueClient = (commonName: string, organizations: readonly string[]) =>
    issueCertificate(ca, { commonName, organizations, usages: ['client'] }, terms);
  let kubeletClient: KeyPair | undefined;
  return {
    ca,
    frontProxyCa: createAuthority('front-proxy-ca', terms),
    serviceAccountKey: newKey(),
    issueServer: () =>
      issueCertificate(
        ca,
        { commonName: 'kube-apiserver', usages: ['server'], dnsNames: ['localhost'], addresses: ['127.0.0.1'] },
        terms,
      ),
    issueAdmin: () => issueClient('kubernetes-admin', [ADMINISTRATORS_GROUP]),
    kubeletClient: () => {
      kubeletClient ??= issueClient(KUBELET_CLIENT_USER, []);
      return kubeletClient;
    },
  };
}

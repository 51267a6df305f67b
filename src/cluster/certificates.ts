// The certificates and keys of a cluster, in files below its pki directory: made once, renewed before they expire or
// when what they are for has changed. How a certificate is made is in certificate-authority.ts. Names and subjects
// follow kubeadm, which people and tools know; docs/decisions/0004-certificates-and-tokens.md says where and why not.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ADMINISTRATORS_GROUP,
  HOST_PATH_USER,
  KUBELET_CLIENT_USER,
} from '../apiserver/authorization/bootstrap/cluster-additions.ts';
import type { Clock } from '../base/clock.ts';
import {
  type CertificateSubject,
  createAuthority,
  issueCertificate,
  type KeyPair,
  newKey,
} from './certificate-authority.ts';
import { writeWhole } from './write-whole.ts';

const DAY_MS = 24 * 60 * 60_000;
const AUTHORITY_LIFETIME_MS = 3650 * DAY_MS;
const LIFETIME_MS = 365 * DAY_MS;
/** A certificate is renewed in the last third of its life. */
const RENEWAL_SHARE = 1 / 3;

/** Where the server of the simulated nodes is, and who it proves to be. */
export const SIMULATED_SERVER_NAME = 'localhost';

/** The name of the files of who makes volumes on nodes. */
export const HOST_PATH_IDENTITY = 'host-path-provisioner';

/** Everything that a control plane is, or proves who it is, by. */
export interface ClusterCertificates {
  /** Signs the certificates of servers, components, nodes and people; the file is the cluster's CA certificate. */
  readonly ca: KeyPair;
  /** Signs the certificate that the API server shows to the API servers behind it. */
  readonly frontProxyCa: KeyPair;
  readonly frontProxyClient: KeyPair;
  readonly apiServer: KeyPair;
  /** What the API server shows to node agents. */
  readonly apiServerKubeletClient: KeyPair;
  /** For the user's kubeconfig: administrators by RBAC, which can be taken away from them. */
  readonly admin: KeyPair;
  /** For emergencies, kept in the pki directory only: a superuser, whatever RBAC says. */
  readonly superAdmin: KeyPair;
  readonly scheduler: KeyPair;
  readonly controllerManager: KeyPair;
  readonly proxy: KeyPair;
  readonly hostPathProvisioner: KeyPair;
  readonly dns: KeyPair;
  /** What the agents of simulated nodes, which are on the control plane's machine, show to the API server. */
  readonly simulatedNodes: KeyPair;
  /** Private key, PEM: signs service account tokens. */
  readonly serviceAccountKey: string;
}

/** What the API server itself needs of them. */
export type ApiServerCertificates = Pick<ClusterCertificates, 'ca' | 'frontProxyCa' | 'serviceAccountKey'>;

export interface NodeCertificates {
  /** What the node agent shows to the API server. */
  readonly client: KeyPair;
  /** What it shows to who comes to its own port. */
  readonly serving: KeyPair;
}

export interface ClusterCertificateOptions {
  /** The pki directory. */
  readonly directory: string;
  readonly clusterDomain: string;
  /** Where clients reach the API server, besides localhost and the service's names. */
  readonly serverNames: readonly string[];
  /** The address of the service `kubernetes` is one of them. */
  readonly serverAddresses: readonly string[];
}

/** The cluster's certificates; whatever is missing, damaged or about to expire is made now. */
export function ensureClusterCertificates(
  { clock }: { readonly clock: Clock },
  { directory, clusterDomain, serverNames, serverAddresses }: ClusterCertificateOptions,
): ClusterCertificates {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const nowMs = clock.now();
  const file = (name: string) => join(directory, name);
  const ca = ensureAuthority(file('ca'), 'kubernetes', nowMs);
  const frontProxyCa = ensureAuthority(file('front-proxy-ca'), 'front-proxy-ca', nowMs);
  const client = (name: string, commonName: string, ...organizations: string[]) =>
    ensureIssued(file(name), ca, { commonName, organizations, usages: ['client'] }, nowMs);
  return {
    ca,
    frontProxyCa,
    frontProxyClient: ensureIssued(
      file('front-proxy-client'),
      frontProxyCa,
      { commonName: 'front-proxy-client', usages: ['client'] },
      nowMs,
    ),
    apiServer: ensureIssued(
      file('apiserver'),
      ca,
      {
        commonName: 'kube-apiserver',
        usages: ['server'],
        dnsNames: [
          'kubernetes',
          'kubernetes.default',
          'kubernetes.default.svc',
          `kubernetes.default.svc.${clusterDomain}`,
          'localhost',
          ...serverNames,
        ],
        addresses: ['127.0.0.1', '::1', ...serverAddresses],
      },
      nowMs,
    ),
    apiServerKubeletClient: client('apiserver-kubelet-client', KUBELET_CLIENT_USER),
    admin: client('admin', 'kubernetes-admin', ADMINISTRATORS_GROUP),
    superAdmin: client('super-admin', 'kubernetes-super-admin', 'system:masters'),
    scheduler: client('scheduler', 'system:kube-scheduler'),
    controllerManager: client('controller-manager', 'system:kube-controller-manager'),
    proxy: client('kube-proxy', 'system:kube-proxy'),
    hostPathProvisioner: client(HOST_PATH_IDENTITY, HOST_PATH_USER),
    dns: client(
      'coredns',
      'system:serviceaccount:kube-system:coredns',
      'system:serviceaccounts',
      'system:serviceaccounts:kube-system',
    ),
    simulatedNodes: ensureIssued(
      file('simulated-nodes'),
      ca,
      { commonName: 'simulated-nodes', usages: ['server'], dnsNames: [SIMULATED_SERVER_NAME] },
      nowMs,
    ),
    serviceAccountKey: ensureKey(file('sa')),
  };
}

/** A node's certificates, in `nodes/NAME` below the pki directory. `addresses` are those of the node. */
export function ensureNodeCertificates(
  { clock, ca }: { readonly clock: Clock; readonly ca: KeyPair },
  { directory, node, addresses }: { directory: string; node: string; addresses: readonly string[] },
): NodeCertificates {
  const files = join(directory, 'nodes', node);
  mkdirSync(files, { recursive: true, mode: 0o700 });
  const serving = { ...nodeSubject(node), usages: ['server'], dnsNames: [node], addresses } as const;
  return {
    client: ensureIssued(join(files, 'kubelet-client'), ca, nodeSubject(node), clock.now()),
    serving: ensureIssued(join(files, 'kubelet'), ca, serving, clock.now()),
  };
}

export function nodeSubject(node: string): CertificateSubject {
  return { commonName: `system:node:${node}`, organizations: ['system:nodes'], usages: ['client'] };
}

/** An authority that is about to expire goes on with its key, so that what it has issued stays good. */
function ensureAuthority(path: string, commonName: string, nowMs: number): KeyPair {
  const existing = readPair(path);
  if (existing && isFresh(existing, nowMs)) return existing;
  const key = existing?.key ?? newKey();
  return writePair(path, createAuthority(commonName, { nowMs, lifetimeMs: AUTHORITY_LIFETIME_MS }, key));
}

function ensureIssued(path: string, authority: KeyPair, subject: CertificateSubject, nowMs: number): KeyPair {
  const existing = readPair(path);
  if (existing && isFresh(existing, nowMs) && isFor(existing, authority, subject)) return existing;
  return writePair(path, issueCertificate(authority, subject, { nowMs, lifetimeMs: LIFETIME_MS }));
}

export function isFresh({ certificate }: KeyPair, nowMs: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const lifetimeMs = validToDate.getTime() - validFromDate.getTime();
  return nowMs >= validFromDate.getTime() && nowMs < validToDate.getTime() - lifetimeMs * RENEWAL_SHARE;
}

/** Whether it is the authority's and names exactly whom it is to be for, so that a changed address makes a new one. */
function isFor({ certificate }: KeyPair, authority: KeyPair, subject: CertificateSubject): boolean {
  const x509 = new X509Certificate(certificate);
  const issuer = new X509Certificate(authority.certificate);
  if (!x509.checkIssued(issuer) || !x509.verify(issuer.publicKey)) return false;
  const names = [...(subject.organizations ?? []).map((each) => `O=${each}`), `CN=${subject.commonName}`];
  if (x509.subject !== names.join('\n')) return false;
  const hasName = (name: string) => x509.checkHost(name, { subject: 'never' }) !== undefined;
  const hasAddress = (address: string) => x509.checkIP(address) !== undefined;
  return (subject.dnsNames ?? []).every(hasName) && (subject.addresses ?? []).every(hasAddress);
}

function ensureKey(path: string): string {
  try {
    const key = readFileSync(`${path}.key`, 'utf8');
    createPrivateKey(key);
    return key;
  } catch (error) {
    // A damaged key is no reason to replace it: every token that it signed would be worthless. The caller hears of it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = newKey();
  writeWhole(`${path}.key`, key);
  return key;
}

/** Undefined when one of the two files is missing or damaged, or they do not belong together. */
export function readPair(path: string): KeyPair | undefined {
  try {
    const pair = { certificate: readFileSync(`${path}.crt`, 'utf8'), key: readFileSync(`${path}.key`, 'utf8') };
    return new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key)) ? pair : undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code.startsWith('ERR_OSSL') || code.startsWith('ERR_CRYPTO')) return undefined;
    throw error;
  }
}

/** The key first: a certificate without its key would be taken for whole. */
export function writePair(path: string, pair: KeyPair): KeyPair {
  writeWhole(`${path}.key`, pair.key);
  writeWhole(`${path}.crt`, pair.certificate);
  return pair;
}

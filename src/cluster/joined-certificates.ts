// The certificates of a node whose cluster's authority is on another machine: asked for over the API, and asked for anew
// before they expire. The files are those of any node (certificates.ts).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateSigningRequest, type KeyUsage } from '../api/certificates/certificate-signing-request.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { type Random, randomSuffix } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { type CertificateSubject, type KeyPair, newKey } from './certificate-authority.ts';
import { certificateRequest } from './certificate-request.ts';
import { isFresh, nodeSubject, readPair, writePair } from './certificates.ts';
import type { ClusterNode } from './cluster-config.ts';

export interface JoinedCertificatesDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

const POLL_MS = 200;
const CERTIFIED_WITHIN_MS = 30_000;

/** What the node shows to the API server. With a token at first, later with the certificate that it has. */
export async function ensureJoinedClientCertificate(
  deps: JoinedCertificatesDeps,
  { directory, node }: { readonly directory: string; readonly node: ClusterNode },
): Promise<void> {
  await ensureCertified(deps, filesOf(directory, node, 'kubelet-client'), nodeSubject(node.name), {
    signer: 'kubernetes.io/kube-apiserver-client-kubelet',
    purpose: 'client auth',
  });
}

/** What it shows to who comes to its own port; asked for with its client certificate. */
export async function ensureJoinedServingCertificate(
  deps: JoinedCertificatesDeps,
  { directory, node }: { readonly directory: string; readonly node: ClusterNode },
): Promise<void> {
  const subject = { ...nodeSubject(node.name), dnsNames: [node.name], addresses: [node.address] };
  await ensureCertified(deps, filesOf(directory, node, 'kubelet'), subject, {
    signer: 'kubernetes.io/kubelet-serving',
    purpose: 'server auth',
  });
}

function filesOf(directory: string, { name }: ClusterNode, file: string): string {
  const files = join(directory, 'nodes', name);
  mkdirSync(files, { recursive: true, mode: 0o700 });
  return join(files, file);
}

async function ensureCertified(
  deps: JoinedCertificatesDeps,
  path: string,
  subject: CertificateSubject,
  options: { readonly signer: string; readonly purpose: KeyUsage },
): Promise<void> {
  const existing = readPair(path);
  if (existing && isFresh(existing, deps.clock.now())) return;
  writePair(path, await certified(deps, subject, options));
}

async function certified(
  { client, clock, random, signal }: JoinedCertificatesDeps,
  subject: CertificateSubject,
  { signer, purpose }: { readonly signer: string; readonly purpose: KeyUsage },
): Promise<KeyPair> {
  const key = newKey();
  const request = Buffer.from(certificateRequest(key, subject)).toString('base64');
  const name = `t8s-${randomSuffix(random, 10)}`;
  const usages: KeyUsage[] = ['digital signature', purpose];
  const spec = { request, signerName: signer, usages };
  await client.create(CertificateSigningRequest, { metadata: { name }, spec }, { signal });
  const deadline = clock.elapsed() + CERTIFIED_WITHIN_MS;
  for (;;) {
    const { status } = await client.get(CertificateSigningRequest, { name }, { signal });
    if (status.certificate) return { key, certificate: Buffer.from(status.certificate, 'base64').toString('utf8') };
    const refusal = status.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
    if (refusal) throw new Error(`the request ${name} for a certificate was refused: ${refusal.message ?? ''}`);
    if (clock.elapsed() >= deadline) throw new Error(`the request ${name} for a certificate was not answered in time`);
    await sleep(clock, POLL_MS, signal);
  }
}

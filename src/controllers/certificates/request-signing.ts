// Signs approved certificate requests for the signers that are the cluster's. Upstream: pkg/controller/certificates/signer.

import { parseCertificateRequest } from '../../api/certificates/certificate-request.ts';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { requestedNames } from '../../api/certificates/requested-names.ts';
import { formatTime } from '../../api/time.ts';
import { decodeBase64, encodeBase64 } from '../../base/base64.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { certificateTerms } from './certificate-terms.ts';
import { requestCondition } from './request-progress.ts';
import { SIGNER_RULES } from './signer-rules.ts';

export function certificateRequestSigning({ client, clock, informers, config }: ControllerDeps): Controller {
  const requests = informers.informer(CertificateSigningRequest);
  return {
    name: 'certificatesigningrequest-signing-controller',
    backoff: { baseMs: 200, maxMs: 1_000_000 },
    reads: [requests],
    watch: (enqueue) => [
      requests.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted' && isToBeSigned(object)) enqueue(object.metadata.name);
        }
      }),
    ],
    async reconcile(name, { signal }) {
      const request = requests.get(name);
      if (!request || !isToBeSigned(request)) return;
      const { spec, status } = request;
      const parsed = parseCertificateRequest(decodeBase64(spec.request));
      const names = requestedNames(parsed);
      const fault = SIGNER_RULES[spec.signerName]?.(names, spec.usages ?? []);
      const write = (changed: Partial<typeof status>) =>
        client.updateStatus(CertificateSigningRequest, { ...request, status: { ...status, ...changed } }, { signal });
      if (fault !== undefined) {
        const now = formatTime(clock.now());
        const failed = {
          type: 'Failed',
          status: 'True',
          reason: 'SignerValidationFailure',
          message: fault,
          lastUpdateTime: now,
          lastTransitionTime: now,
        };
        await write({ conditions: [...(status.conditions ?? []), failed] });
        return;
      }
      const certificate = await config.certificateSigner.sign({
        subject: parsed.subject,
        publicKey: parsed.publicKey,
        alternativeNames: names,
        usages: spec.usages ?? [],
        ...certificateTerms(spec.expirationSeconds, clock.now()),
      });
      await write({ certificate: encodeBase64(new TextEncoder().encode(certificate)) });
    },
  };
}

function isToBeSigned(request: CertificateSigningRequest): boolean {
  if (!(request.spec.signerName in SIGNER_RULES) || request.status.certificate) return false;
  const isDecided = (type: 'Denied' | 'Failed') => requestCondition(request, type) !== undefined;
  return requestCondition(request, 'Approved') !== undefined && !isDecided('Denied') && !isDecided('Failed');
}

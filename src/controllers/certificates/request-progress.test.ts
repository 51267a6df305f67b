import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { formatTime } from '../../api/time.ts';
import { createAuthority } from '../../cluster/certificate-authority.ts';
import { requestEndsAtMs } from './request-progress.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const { certificate } = createAuthority('short', { nowMs: NOW, lifetimeMs: HOUR / 2 });
const issued = Buffer.from(certificate).toString('base64');
const condition = (type: string) => ({
  type,
  status: 'True',
  lastUpdateTime: formatTime(NOW),
  lastTransitionTime: null,
});

const cases: readonly (readonly [string, readonly string[], certificate: string | undefined, wanted: number])[] = [
  ['pending', [], undefined, NOW + 23 * HOUR],
  ['denied', ['Denied'], undefined, NOW + HOUR],
  ['failed', ['Approved', 'Failed'], undefined, NOW + HOUR],
  ['approved, not signed', ['Approved'], undefined, Number.POSITIVE_INFINITY],
  ['signed', ['Approved'], 'AAAA', NOW + HOUR],
  ['signed for a short time', ['Approved'], issued, NOW + HOUR / 2],
  ['of a condition that is not ours', ['Mine'], undefined, Number.POSITIVE_INFINITY],
];
for (const [what, types, certificate, wanted] of cases) {
  test(`requestEndsAtMs: ${what}`, () => {
    const request = {
      metadata: { name: 'r', creationTimestamp: formatTime(NOW - HOUR) },
      status: { conditions: types.map(condition), certificate },
    } as unknown as CertificateSigningRequest;
    assert.equal(requestEndsAtMs(request), wanted);
  });
}
